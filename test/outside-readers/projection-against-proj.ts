// The same places projected by proj4, from the text of a projection, and by PROJ, from the code of the system.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import proj4 from 'proj4'
import type { ProjSystem } from './proj-database.ts'

export interface ProjAnswer {
  code: number
  /** As a proj string; null where it has none. */
  text: string | null
  /** Nine of the area of use, on its own datum: longitude, latitude, and x (east first) and y. */
  places: [lon: number, lat: number, x: number, y: number][]
  problem?: string
}

/** What PROJ says of each system, in their order. */
export async function* askProj(systems: readonly ProjSystem[]): AsyncGenerator<ProjAnswer> {
  // The interpreter that Debian's packages are for.
  const script = fileURLToPath(new URL('./proj-systems.py', import.meta.url))
  const python = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  python.stdin.on('error', () => {})
  python.stdin.end(systems.map(({ code, area }) => `${JSON.stringify({ code, ...area })}\n`).join(''))
  for await (const line of createInterface({ input: python.stdout })) yield JSON.parse(line)
}

/** NaN where one of the two has no answer. */
export function largestDifferenceMetres(projection: string, { places, problem }: ProjAnswer): number {
  if (/^\+proj=(longlat|geocent)/.test(projection)) return 0
  if (problem !== undefined) return Number.NaN
  try {
    const { forward } = proj4(geographicOf(projection), `${projection} +no_defs`)
    const off = places.map(([lon, lat, x, y]) => {
      // With the axes of the text: some count to the west and to the south.
      const [ourX, ourY] = forward<[number, number]>([lon, lat], true)
      return Math.hypot(ourX - x, ourY - y)
    })
    return Math.max(...off) * metresOf(projection)
  } catch {
    // It does not know the projection.
    return Number.NaN
  }
}

function metresOf(projection: string): number {
  const factor = /\+to_meter=(\S+)/.exec(projection)?.[1]
  const unit = /\+units=(\S+)/.exec(projection)?.[1] ?? 'm'
  return factor ? Number(factor) : ({ m: 1, ft: 0.3048, 'us-ft': 1200 / 3937, km: 1000 }[unit] ?? 1)
}

function geographicOf(projection: string): string {
  const figure = [...projection.matchAll(/\+(ellps|a|b|rf|R)=\S+/g)].map(([part]) => part)
  return ['+proj=longlat', ...figure, '+no_defs'].join(' ')
}
