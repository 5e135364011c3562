/** Nearest distances by CloudCompare 2.11, which is given PLY and asked for text. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PointArrays } from '@alidade/analysis'

const env = { ...process.env, QT_QPA_PLATFORM: 'offscreen' }

export function isCloudCompareThere(): boolean {
  return spawnSync('CloudCompare', ['-SILENT'], { env }).error === undefined
}

/** From every point of `a` to the nearest of `b`, both near the origin. Files are written into `folder`. */
export function cloudCompareDistances(folder: string, a: PointArrays, b: PointArrays): Float64Array {
  for (const [name, cloud] of [
    ['compared', a],
    ['reference', b],
  ] as const)
    writeFileSync(join(folder, `${name}.ply`), plyOf(cloud))
  const run = spawnSync(
    'CloudCompare',
    [
      ...['-SILENT', '-AUTO_SAVE', 'OFF', '-NO_TIMESTAMP', '-C_EXPORT_FMT', 'ASC', '-PREC', '9'],
      ...['-O', join(folder, 'compared.ply'), '-O', join(folder, 'reference.ply')],
      ...['-C2C_DIST', '-SAVE_CLOUDS'],
    ],
    { env, encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  const written = readdirSync(folder).find((name) => /^compared.*\.asc$/.test(name))
  if (written === undefined) throw new Error(`CloudCompare wrote nothing: ${run.stdout.slice(-500)}`)
  const lines = readFileSync(join(folder, written), 'utf8').trim().split('\n')
  return Float64Array.from(lines, (line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
}

function plyOf({ x, y, z }: PointArrays): Buffer {
  const header = `ply\nformat binary_little_endian 1.0\nelement vertex ${x.length}\n${['x', 'y', 'z']
    .map((axis) => `property double ${axis}\n`)
    .join('')}end_header\n`
  const places = new Float64Array(3 * x.length)
  for (let i = 0; i < x.length; i++) places.set([x[i]!, y[i]!, z[i]!], 3 * i)
  return Buffer.concat([Buffer.from(header), Buffer.from(places.buffer)])
}
