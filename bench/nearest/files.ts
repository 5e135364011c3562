/** The files in which every program of `nearest-distances.ts` finds a pair of clouds, and what it writes of its distances. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PointArrays } from '@alidade/analysis'
import { rowsOf, writePly } from '../parity/cloud-compare.ts'

/** Columns for us, rows of float64 for scipy, PLY for CloudCompare. */
export function storePair(folder: string, pair: readonly PointArrays[]): void {
  for (const [k, cloud] of pair.entries()) {
    for (const axis of ['x', 'y', 'z'] as const) writeFileSync(join(folder, `${k}.${axis}`), cloud[axis])
    writeFileSync(join(folder, `${'ab'[k]}.f64`), rowsOf(cloud))
    writePly(join(folder, `${k}.ply`), cloud)
  }
}

export function loadCloud(folder: string, k: number): PointArrays {
  const load = (axis: string) => {
    // Read straight into shared memory: a second copy would count in the peak.
    const path = join(folder, `${k}.${axis}`)
    const values = new Float64Array(new SharedArrayBuffer(statSync(path).size))
    const file = openSync(path, 'r')
    readSync(file, new Uint8Array(values.buffer))
    closeSync(file)
    return values
  }
  return { x: load('x'), y: load('y'), z: load('z') }
}

/** What a program wrote of its distances, if it was there. */
export function loadDistances(folder: string, program: string): Float64Array | undefined {
  const path = join(folder, `${program}.f64`)
  if (!existsSync(path)) return undefined
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
