// Writes packages/formats/src/epsg-table.tsv from the database of PROJ (Debian: proj-bin, 9.1 or later), which holds the
// EPSG dataset. A system gets in when proj4 projects nine places of its area of use to within a millimetre of PROJ.
//   npm run epsg
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bestShift } from './epsg-shifts.ts'
import { type Area, openProjDatabase, type ProjSystem } from './proj-database.ts'
import { largestDifferenceMetres } from './projection-against-proj.ts'

const run = promisify(execFile)
const table = fileURLToPath(new URL('../../packages/formats/src/epsg-table.tsv', import.meta.url))
const mostMetres = 0.001

const database = openProjDatabase()
const systems = database.systems()
const lines = new Map<number, string>()
const refused: string[] = []
const shifts = new Map<number, string>()

await Promise.all(Array.from({ length: availableParallelism() }, writeSystems))

async function writeSystems(): Promise<void> {
  for (let system = systems.pop(); system; system = systems.pop()) {
    const projection = await projectionOf(system)
    if (projection === undefined) {
      refused.push(`${system.code} ${system.name}: PROJ has no string for it`)
      continue
    }
    const off = await largestDifferenceMetres(projection, system)
    if (!(off <= mostMetres)) {
      refused.push(`${system.code} ${system.name}: ${off} m off (${projection})`)
      continue
    }
    const shift = bestShift(database, system)
    if (shift) shifts.set(shift.code, `S\t${shift.code}\t${shift.accuracyMetres ?? ''}\t${shift.towgs84}`)
    const better = shift?.gridIsBetter ? '*' : ''
    const columns = [
      'P',
      system.code,
      system.name,
      area(system.area),
      `${shift?.code ?? ''}${better}`,
      projection,
    ]
    lines.set(system.code, columns.join('\t'))
  }
}

/** Projection and ellipsoid alone: how a datum is shifted stands in a column of its own. */
async function projectionOf({ code }: ProjSystem): Promise<string | undefined> {
  const { stdout } = await run('projinfo', [`EPSG:${code}`, '-o', 'PROJ', '-q']).catch(() => ({ stdout: '' }))
  const text = stdout.trim()
  if (!text.startsWith('+proj=')) return undefined
  const bare = text.replace(/\+(towgs84|no_defs|type|wktext)\S*\s*/g, '').replace(/ $/, '')
  return bare.replace(/\+datum=(\S+)/, (_, datum: string) => {
    const ellipsoid = { WGS84: 'WGS84', NAD83: 'GRS80', NAD27: 'clrk66' }[datum]
    if (ellipsoid === undefined) throw new Error(`EPSG:${code} has a datum ${datum}`)
    return `+ellps=${ellipsoid}`
  })
}

function area({ west, south, east, north }: Area): string {
  return [west, south, east, north].join(' ')
}

const head = [
  `# Written by "npm run epsg" from PROJ ${database.version.proj}, EPSG dataset ${database.version.epsg}; not for editing.`,
  '# The EPSG dataset is owned by the International Association of Oil & Gas Producers (IOGP), see epsg.org/terms-of-use.html.',
  '# S: shift to WGS 84, its accuracy in metres, towgs84. P: system, name, west south east north, shift (*: a grid would be',
  '# better), projection. V: heights, name, metres of a unit, e for ellipsoidal. C: compound, name, horizontal, vertical.',
]
const numerically = (a: readonly [number, string], b: readonly [number, string]) => a[0] - b[0]
const rows = [...[...shifts].sort(numerically), ...[...lines].sort(numerically)].map(([, line]) => line)
const known = (code: number) => lines.has(code)
const heights = database.heights().map(({ code, name, metres }) => `V\t${code}\t${name}\t${metres}`)
const compounds = database
  .compounds()
  .filter(({ horizontal }) => known(horizontal))
  .map(({ code, name, horizontal, vertical }) => `C\t${code}\t${name}\t${horizontal}\t${vertical}`)
await writeFile(table, `${[...head, ...rows, ...heights, ...compounds].join('\n')}\n`)
console.log(
  `${lines.size} systems, ${shifts.size} shifts, ${heights.length} heights, ${compounds.length} compounds`,
)
console.log(`${refused.length} left out:\n${refused.sort().join('\n')}`)
