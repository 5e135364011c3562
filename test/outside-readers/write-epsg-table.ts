// Writes packages/formats/src/epsg-table.tsv from PROJ and its database (Debian: python3-pyproj, PROJ 9.1 or later), which
// holds the EPSG dataset. A system gets in when proj4 projects nine places of its area of use to within a millimetre of
// PROJ.
//   npm run epsg
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { withKnownEllipsoid } from '../../packages/formats/src/crs-proj4.ts'
import { bestShift } from './epsg-shifts.ts'
import { type Area, openProjDatabase } from './proj-database.ts'
import { askProj, largestDifferenceMetres, type ProjAnswer } from './projection-against-proj.ts'

const table = fileURLToPath(new URL('../../packages/formats/src/epsg-table.tsv', import.meta.url))
const mostMetres = 0.001

const database = openProjDatabase()
const systems = database.systems()
const lines = new Map<number, string>()
const shifts = new Map<number, string>()
const refused: string[] = []

for await (const answer of askProj(systems)) {
  const system = systems.find(({ code }) => code === answer.code)!
  const projection = projectionOf(answer)
  const off = projection === undefined ? Number.NaN : largestDifferenceMetres(projection, answer)
  if (!(off <= mostMetres)) {
    refused.push(`${system.code} ${system.name}: ${off} m off (${projection})`)
    continue
  }
  const shift = bestShift(database, system)
  if (shift) {
    const columns = ['S', shift.code, shift.name, shift.accuracyMetres ?? '', shift.towgs84]
    shifts.set(shift.code, columns.join('\t'))
  }
  const shiftColumn = shift ? `${shift.code}${shift.gridIsBetter ? '*' : ''}` : ''
  const base = system.base === system.code ? '' : system.base
  const columns = ['P', system.code, system.name, base, area(system.area), shiftColumn, projection]
  lines.set(system.code, columns.join('\t'))
}

/** Projection and ellipsoid alone: how a datum is shifted stands in a column of its own. */
function projectionOf({ code, text }: ProjAnswer): string | undefined {
  if (text === null) return undefined
  const bare = text
    .replace(/\+(towgs84=\S+|no_defs|type=crs|wktext|vunits=\S+)/g, '')
    .replace(/ +/g, ' ')
    .trim()
  const named = bare.replace(/\+datum=(\S+)/, (_, datum: string) => {
    const ellipsoid = { WGS84: 'WGS84', NAD83: 'GRS80', NAD27: 'clrk66' }[datum]
    if (ellipsoid === undefined) throw new Error(`EPSG:${code} has a datum ${datum}`)
    return `+ellps=${ellipsoid}`
  })
  return withKnownEllipsoid(named)
}

function area({ west, south, east, north }: Area): string {
  return [west, south, east, north].join(' ')
}

const head = [
  `# Written by "npm run epsg" from PROJ ${database.version.proj}, EPSG dataset ${database.version.epsg}; not for editing.`,
  '# The EPSG dataset is owned by the International Association of Oil & Gas Producers (IOGP), see epsg.org/terms-of-use.html.',
  '# S: shift to WGS 84, name, accuracy in metres, towgs84. P: system, name, geographic system below, west south east north, shift (*: a grid would be',
  '# better), projection. V: heights, name, metres of a unit. C: compound, name, horizontal, vertical. E: heights above\n# the ellipsoid. D: geographic system, name of its datum at ESRI.',
]
const numerically = (a: readonly [number, string], b: readonly [number, string]) => a[0] - b[0]
const rows = [...[...shifts].sort(numerically), ...[...lines].sort(numerically)].map(([, line]) => line)
const known = (code: number) => lines.has(code)
const heights = database.heights().map(({ code, name, metres }) => `V\t${code}\t${name}\t${metres}`)
const compounds = database
  .compounds()
  .filter(({ horizontal }) => known(horizontal))
  .map(({ code, name, horizontal, vertical }) => `C\t${code}\t${name}\t${horizontal}\t${vertical}`)
const ellipsoidal = database
  .threeDimensional()
  .filter(known)
  .map((code) => `E\t${code}`)
const datums = database.esriDatums().map(({ code, esri }) => `D\t${code}\t${esri.replace(/^D_/, '')}`)
await writeFile(
  table,
  `${[...head, ...rows, ...heights, ...compounds, ...ellipsoidal, ...datums].join('\n')}\n`,
)
console.log(
  `${lines.size} systems, ${shifts.size} shifts, ${heights.length} heights, ${compounds.length} compounds`,
)
console.log(`${refused.length} left out:\n${refused.sort().join('\n')}`)
