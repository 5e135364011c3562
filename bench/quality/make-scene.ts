/**
 * Two surveys of a real place with changes that are known, made from one scan: disjoint random halves, so that no point is
 * in both; noise on the later one; then a demolished block, a new building, a dug hollow and a fill, all by formula.
 *
 *   node bench/quality/make-scene.ts --scan FILE.laz --seed 7 --out FOLDER [--units-per-metre 3.28084]
 *
 * Writes `epoch1.las`, `epoch2.las`, `epoch1.labels.bin`, `epoch2.labels.bin` (a byte for each point in file order: 0
 * unchanged, 255 not to be judged, otherwise the number of the change) and `truth.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { PointArrays } from '@alidade/analysis'
import { writeLasPoints } from '@alidade/formats'
import { densityOf, placesFor, type TrueChange } from './scene-places.ts'
import { normalNumbers, pickPoints, randomNumbers, readSurvey } from './survey-points.ts'

export interface Scene {
  surveys: [PointArrays, PointArrays]
  labels: [Uint8Array, Uint8Array]
  changes: TrueChange[]
}

/** Changes within three standard deviations of the noise cannot be asked for, nor can the last half metre of a wall. */
export const ignored = 255
const noiseMetres = 0.03
const rimMetres = 0.5

export function makeScene(scan: PointArrays, seed: number, unitsPerMetre = 1, places?: TrueChange[]): Scene {
  const random = randomNumbers(seed)
  const normal = normalNumbers(random)
  const inFirst = Uint8Array.from(scan.x, () => (random() < 0.5 ? 1 : 0))
  const a = pickPoints(scan, (i) => inFirst[i] === 1)
  const later = pickPoints(scan, (i) => inFirst[i] === 0)
  const noise = noiseMetres * unitsPerMetre
  for (const column of [later.x, later.y, later.z])
    for (let i = 0; i < column.length; i++) column[i]! += noise * normal()

  const changes = places ?? placesFor(scan, random, unitsPerMetre)
  const rows: [x: number, y: number, z: number, label: number][] = []
  for (let i = 0; i < later.x.length; i++) {
    const [x, y, z] = [later.x[i]!, later.y[i]!, later.z[i]!]
    let [dz, label, stays] = [0, 0, true]
    for (const change of changes) {
      const found = effectOn(change, x, y, z, unitsPerMetre)
      if (found === undefined) continue
      if (change.kind === 'removed') stays &&= found.label !== change.id
      else if (change.kind === 'added_box') stays &&= found.label === ignored && !isInside(change, x, y)
      else dz = found.dz
      if (change.kind !== 'removed') label = found.label
    }
    if (stays) rows.push([x, y, z + dz, label])
  }
  for (const change of changes) {
    if (change.kind === 'added_box')
      addBox(change, densityOf(later, change.center, 20 * unitsPerMetre), random, normal, noise, rows)
  }
  const column = (axis: 0 | 1 | 2) => {
    const values = new Float64Array(new SharedArrayBuffer(8 * rows.length))
    for (const [i, row] of rows.entries()) values[i] = row[axis]
    return values
  }
  const labelsA = Uint8Array.from(a.x, (x, i) => {
    const hit = changes.flatMap((change) => effectOn(change, x, a.y[i]!, a.z[i]!, unitsPerMetre) ?? [])
    return hit.at(-1)?.label ?? 0
  })
  return {
    surveys: [a, { x: column(0), y: column(1), z: column(2) }],
    labels: [labelsA, Uint8Array.from(rows, (row) => row[3])],
    changes,
  }
}

/** What a change does to a point of the ground or of what stands on it; undefined where it does nothing. */
function effectOn(
  change: TrueChange,
  x: number,
  y: number,
  z: number,
  unitsPerMetre: number,
): { dz: number; label: number } | undefined {
  const [dx, dy] = [x - change.center[0], y - change.center[1]]
  if (change.kind === 'removed') {
    const stands = isInside(change, x, y) && z > change.ground + 2 * unitsPerMetre
    return stands ? { dz: 0, label: change.id } : undefined
  }
  if (change.kind === 'added_box') {
    const beyond = Math.max(Math.abs(dx) - change.size[0] / 2, Math.abs(dy) - change.size[1] / 2)
    const rim = rimMetres * unitsPerMetre
    if (beyond > rim) return undefined
    return { dz: 0, label: beyond > -rim ? ignored : change.id }
  }
  const squared = (dx * dx + dy * dy) / change.radius ** 2
  if (squared >= 1) return undefined
  const dz = change.depth * (1 - squared)
  return { dz, label: Math.abs(dz) < 3 * noiseMetres * unitsPerMetre ? ignored : change.id }
}

function isInside(
  { center, size }: { center: [number, number]; size: [number, number] },
  x: number,
  y: number,
) {
  return Math.abs(x - center[0]) <= size[0] / 2 && Math.abs(y - center[1]) <= size[1] / 2
}

/** A flat roof at the density of the scan, walls at a quarter of it, as from above. */
function addBox(
  { id, center, size, base, height }: Extract<TrueChange, { kind: 'added_box' }>,
  density: number,
  random: () => number,
  normal: () => number,
  noise: number,
  rows: [number, number, number, number][],
): void {
  const [length, width] = size
  const add = (u: number, v: number, z: number) =>
    rows.push([center[0] + u + noise * normal(), center[1] + v + noise * normal(), z + noise * normal(), id])
  for (let k = 0; k < density * length * width; k++)
    add(length * (random() - 0.5), width * (random() - 0.5), base + height)
  for (let k = 0; k < (density / 4) * 2 * (length + width) * height; k++) {
    const alongLength = random() < length / (length + width)
    const side = random() < 0.5 ? -0.5 : 0.5
    const way = random() - 0.5
    const z = base + height * random()
    if (alongLength) add(length * way, width * side, z)
    else add(length * side, width * way, z)
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      scan: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      'units-per-metre': { type: 'string', default: '1' },
    },
  })
  if (values.scan === undefined || values.out === undefined)
    throw new RangeError('expected --scan FILE and --out FOLDER')
  const { points, epsg } = await readSurvey(values.scan)
  const scene = makeScene(points, Number(values.seed), Number(values['units-per-metre']))
  mkdirSync(values.out, { recursive: true })
  for (const [k, survey] of scene.surveys.entries()) {
    const path = join(values.out, `epoch${k + 1}.las`)
    await writeLasPoints(path, survey, {
      ...(epsg !== undefined && { crs: { epsg } }),
      createdAt: new Date(0),
    })
    writeFileSync(join(values.out, `epoch${k + 1}.labels.bin`), scene.labels[k]!)
  }
  const truth = { source: values.scan, seed: Number(values.seed), changes: scene.changes }
  writeFileSync(join(values.out, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`)
}
