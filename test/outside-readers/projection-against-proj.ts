// The same places projected by proj4, from the text of a projection, and by PROJ, from the code of the system.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import proj4 from 'proj4'
import type { ProjSystem } from './proj-database.ts'

/** At nine places of the area of use. NaN where one of the two has no answer. */
export async function largestDifferenceMetres(projection: string, system: ProjSystem): Promise<number> {
  if (projection.startsWith('+proj=longlat')) return 0
  const places = ninePlaces(system)
  const theirs = await projectByCode(system, projection, places)
  if (theirs.length !== places.length) return Number.NaN
  const ours = projectByText(projection, places)
  if (!ours) return Number.NaN
  const metres = metresOf(projection)
  const worst = (swapped: boolean) =>
    Math.max(
      ...theirs.map(([first, second], i) => {
        const [x, y] = swapped ? [second, first] : [first, second]
        return Math.hypot(ours[i]![0] - x, ours[i]![1] - y) * metres
      }),
    )
  // PROJ keeps the order of axes that the authority has; here x goes first in any case.
  const [straight, swapped] = [worst(false), worst(true)]
  return swapped < straight ? swapped : straight
}

function ninePlaces({ area: { west, south, east, north } }: ProjSystem): [lon: number, lat: number][] {
  const width = east - west + (east < west ? 360 : 0)
  const steps = [0.2, 0.5, 0.8]
  return steps.flatMap((i) =>
    steps.map((k): [number, number] => {
      const lon = west + i * width
      return [lon > 180 ? lon - 360 : lon, south + k * (north - south)]
    }),
  )
}

function metresOf(projection: string): number {
  const factor = /\+to_meter=(\S+)/.exec(projection)?.[1]
  const unit = /\+units=(\S+)/.exec(projection)?.[1] ?? 'm'
  return factor ? Number(factor) : ({ m: 1, ft: 0.3048, 'us-ft': 1200 / 3937, km: 1000 }[unit] ?? 1)
}

/** Longitudes are from Greenwich on both sides. */
function projectByText(
  projection: string,
  places: readonly [number, number][],
): [number, number][] | undefined {
  try {
    const { forward } = proj4(geographicOf(projection), `${projection} +no_defs`)
    return places.map((place) => forward<number[]>(place) as [number, number])
  } catch {
    return undefined
  }
}

async function projectByCode(
  { code }: ProjSystem,
  projection: string,
  places: readonly [number, number][],
): Promise<number[][]> {
  // From its ellipsoid with nothing said of a datum, so that none is shifted.
  const cs2cs = spawn('cs2cs', ['-f', '%.6f', `${geographicOf(projection)} +type=crs`, `EPSG:${code}`])
  cs2cs.stdin.on('error', () => {})
  cs2cs.stdin.end(places.map(([lon, lat]) => `${lon} ${lat}\n`).join(''))
  const lines = (await text(cs2cs.stdout)).trim().split('\n')
  return lines
    .map((line) => line.split(/\s+/).slice(0, 2).map(Number))
    .filter((pair) => pair.every(Number.isFinite))
}

function geographicOf(projection: string): string {
  const figure = [...projection.matchAll(/\+(ellps|a|b|rf|R)=\S+/g)].map(([part]) => part)
  return ['+proj=longlat', ...figure, '+no_defs'].join(' ')
}
