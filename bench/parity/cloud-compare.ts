/** Nearest distances by CloudCompare 2.11, which is given PLY and asked for text. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PointArrays } from '@alidade/analysis'

export const environment = { ...process.env, QT_QPA_PLATFORM: 'offscreen' }

export function isCloudCompareThere(): boolean {
  return spawnSync('CloudCompare', ['-SILENT'], { env: environment }).error === undefined
}

/** From every point of `a` to the nearest of `b`, both near the origin. Files are written into `folder`. */
export function cloudCompareDistances(folder: string, a: PointArrays, b: PointArrays): Float64Array {
  for (const [name, cloud] of [
    ['compared', a],
    ['reference', b],
  ] as const)
    writePly(join(folder, `${name}.ply`), cloud)
  const run = spawnSync(
    'CloudCompare',
    [
      ...['-SILENT', '-AUTO_SAVE', 'OFF', '-NO_TIMESTAMP', '-C_EXPORT_FMT', 'ASC', '-PREC', '9'],
      ...['-O', join(folder, 'compared.ply'), '-O', join(folder, 'reference.ply')],
      ...['-C2C_DIST', '-SAVE_CLOUDS'],
    ],
    { env: environment, encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  const written = readdirSync(folder).find((name) => /^compared.*\.asc$/.test(name))
  if (written === undefined) throw new Error(`CloudCompare wrote nothing: ${run.stdout.slice(-500)}`)
  const lines = readFileSync(join(folder, written), 'utf8').trim().split('\n')
  return Float64Array.from(lines, (line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
}

export function writePly(path: string, { x, y, z }: PointArrays): void {
  const header = `ply\nformat binary_little_endian 1.0\nelement vertex ${x.length}\n${['x', 'y', 'z']
    .map((axis) => `property double ${axis}\n`)
    .join('')}end_header\n`
  writeFileSync(path, header)
  appendFileSync(path, new Uint8Array(rowsOf({ x, y, z }).buffer))
}

/** x, y, z of one point after the other. */
export function rowsOf({ x, y, z }: PointArrays): Float64Array {
  const rows = new Float64Array(3 * x.length)
  for (let i = 0; i < x.length; i++) {
    rows[3 * i] = x[i]!
    rows[3 * i + 1] = y[i]!
    rows[3 * i + 2] = z[i]!
  }
  return rows
}
