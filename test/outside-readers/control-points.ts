// Places that PROJ projected, by family of projection, for tests that have no PROJ.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { epsgSystem } from '../../packages/formats/src/epsg-table.ts'

/** Of each family some systems whose ellipsoids, units, origins and hemispheres differ. */
export const families: Readonly<Record<string, readonly number[]>> = {
  'transverse Mercator': [32632, 32735, 25833, 26917, 31467, 27700, 2193, 3003, 2180],
  'transverse Mercator, south orientated': [2048, 2053],
  'Lambert conformal conic, one parallel': [26191, 24200, 27572],
  'Lambert conformal conic, two parallels': [2154, 2992, 2263, 31370, 3034, 3358],
  'Albers equal area': [5070, 3005, 3577],
  'Lambert azimuthal equal area': [3035, 3571, 3408],
  'oblique stereographic': [28992, 3844, 2953],
  'polar stereographic, a scale at the pole': [5041, 5042],
  'polar stereographic, a true parallel': [3031, 3413, 3995],
  'Mercator, a scale at the equator': [3395, 3001],
  'Mercator, a true parallel': [3832, 3994],
  'Mercator of web maps': [3857],
  'oblique Mercator (Hotine), origin at the crossing': [3078, 3168],
  'oblique Mercator (Hotine), origin at the centre': [3375, 29873],
  'oblique Mercator, Swiss': [2056, 21781, 23700],
  'Cassini-Soldner': [30200, 3377, 2314],
  Krovak: [5514, 5513],
  'American polyconic': [5880, 29101],
  'New Zealand map grid': [27200],
  'cylindrical equal area': [6933],
}

export interface ControlPoints {
  family: string
  epsg: number
  /** As the table has it, datum and all. */
  definition: string
  /** On its own datum: longitude, latitude, and x (east first) and y of PROJ. */
  projected: [lon: number, lat: number, x: number, y: number][]
  /** From x and y to WGS 84 by the parameters of the definition. */
  shifted?: [x: number, y: number, lon: number, lat: number][]
}

export async function controlPoints(definitionOf: (epsg: number) => string): Promise<ControlPoints[]> {
  const systems = Object.entries(families).flatMap(([family, codes]) =>
    // At least twenty to a family.
    codes.map((epsg) => ({ family, epsg, perSide: codes.length > 2 ? 3 : 5 })),
  )
  const found: ControlPoints[] = []
  for (const { family, epsg, perSide } of systems) {
    const definition = definitionOf(epsg)
    const places = gridOf(epsg, perSide)
    const geographic = figureOf(definition)
    const byCode = await cs2cs(geographic, `EPSG:${epsg}`, places, 5)
    // PROJ keeps the order of axes that the authority has; its own text of the system has x first.
    const byText = await cs2cs(geographic, `${withoutDatum(definition)} +type=crs`, places, 5)
    const swapped = byCode.some(([first], i) => Math.abs(first! - byText[i]![0]!) > 1e-3)
    if (swapped && byCode.some(([, second], i) => Math.abs(second! - byText[i]![0]!) > 1e-3))
      throw new Error(`EPSG:${epsg}: cs2cs makes something else of '${definition}'`)
    const plane = byCode.map(([first, second]) => (swapped ? [second!, first!] : [first!, second!]))
    found.push({
      family,
      epsg,
      definition,
      projected: places.map(([lon, lat], i) => [lon, lat, plane[i]![0]!, plane[i]![1]!]),
      ...(/\+towgs84=(?!0,0,0)/.test(definition) && { shifted: await shifted(definition, plane) }),
    })
  }
  return found
}

async function shifted(definition: string, plane: number[][]): Promise<[number, number, number, number][]> {
  const places = plane.map(([x, y]): [number, number] => [x!, y!])
  const wgs84 = await cs2cs(
    `${definition} +type=crs`,
    '+proj=longlat +datum=WGS84 +no_defs +type=crs',
    places,
    10,
  )
  return places.map(([x, y], i) => [x, y, wgs84[i]![0]!, wgs84[i]![1]!])
}

function gridOf(epsg: number, perSide: number): [lon: number, lat: number][] {
  const [west, south, east, north] = epsgSystem(epsg)!.area
  const width = east - west + (east < west ? 360 : 0)
  const steps = Array.from({ length: perSide }, (_, i) => 0.1 + (0.8 * i) / (perSide - 1))
  return steps.flatMap((i) =>
    steps.map((k): [number, number] => {
      const lon = west + i * width
      return [rounded(lon > 180 ? lon - 360 : lon), rounded(south + k * (north - south))]
    }),
  )
}

function rounded(degrees: number): number {
  return Number(degrees.toFixed(4))
}

async function cs2cs(from: string, to: string, places: readonly [number, number][], decimals: number) {
  const child = spawn('cs2cs', ['-f', `%.${decimals}f`, from, '+to', to])
  child.stdin.on('error', () => {})
  child.stdin.end(places.map(([x, y]) => `${x} ${y}\n`).join(''))
  const lines = (await text(child.stdout)).trim().split('\n')
  const answers = lines.map((line) => line.split(/\s+/).slice(0, 2).map(Number))
  if (answers.length !== places.length || !answers.flat().every(Number.isFinite))
    throw new Error(`cs2cs '${from}' '${to}' said ${lines.join(' ').slice(0, 200)}`)
  return answers
}

/** The geographic system of the same ellipsoid, from Greenwich, with nothing said of a datum. */
function figureOf(definition: string): string {
  const figure = [...withoutDatum(definition).matchAll(/\+(ellps|a|b|rf|R)=\S+/g)].map(([part]) => part)
  return ['+proj=longlat', ...figure, '+no_defs +type=crs'].join(' ')
}

function withoutDatum(definition: string): string {
  const ellipsoid: Record<string, string> = { WGS84: '+ellps=WGS84 ', NAD83: '+ellps=GRS80 ' }
  return definition
    .replace(/\+datum=(\S+) ?/g, (_, datum: string) => ellipsoid[datum] ?? '')
    .replace(/\+(towgs84|nadgrids)=\S+ ?/g, '')
}
