/** The AHN tile whose buildings are known: by the class of each point, and by official outlines. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildingOutline, PointArrays } from '@alidade/analysis'
import { decodeAttribute, openFile, readLasHeader, readPointBatches, readXyz } from '@alidade/formats'
import { pickPoints, randomNumbers } from './survey-points.ts'

type Ring = readonly (readonly [number, number])[]

export interface BuildingTruth {
  points: PointArrays
  isBuilding: Uint8Array
  /** By the register they are of. */
  outlines: Readonly<Record<'BAG' | 'BGT', Ring[]>>
}

export async function readBuildingTruth(data: string): Promise<BuildingTruth> {
  const folder = join(data, 'pointcloud/buildings')
  const source = await openFile(join(folder, 'ahn_2386_9702.laz'))
  try {
    const header = await readLasHeader(source)
    const classes: number[] = []
    for await (const batch of readPointBatches(source, header))
      classes.push(...decodeAttribute(batch, header, 'classification'))
    const outlines = async (register: string) => {
      const [, ...lines] = (await readFile(join(folder, `${register}_buildings_demo.csv`), 'utf8'))
        .trim()
        .split('\n')
      return lines.map((line): Ring => JSON.parse(/"(.*)"/.exec(line)![1]!))
    }
    return {
      points: await readXyz(source, header),
      isBuilding: Uint8Array.from(classes, (code) => (code === 6 ? 1 : 0)),
      outlines: { BAG: await outlines('bag'), BGT: await outlines('bgt') },
    }
  } finally {
    await source.close()
  }
}

/** The same place turned about its south-western corner, and mirrored. */
export function turned({ x, y, z }: PointArrays, degrees: number, isMirrored = false): PointArrays {
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const [x0, y0] = [x[0]!, y[0]!]
  const place = (i: number) => [(x[i]! - x0) * (isMirrored ? -1 : 1), y[i]! - y0] as const
  return {
    x: x.map((_, i) => cosine * place(i)[0] - sine * place(i)[1]),
    y: x.map((_, i) => sine * place(i)[0] + cosine * place(i)[1]),
    z,
  }
}

/** A share of the points, drawn by a seed. */
export function thinned({ points, isBuilding }: BuildingTruth, share: number, seed = 7) {
  const random = randomNumbers(seed)
  const isPicked = isBuilding.map(() => (random() < share ? 1 : 0))
  return {
    points: pickPoints(points, (i) => isPicked[i] === 1),
    isBuilding: isBuilding.filter((_, i) => isPicked[i] === 1),
  }
}

export function scoreBuildings(isBuilding: Uint8Array, classes: Uint8Array) {
  let [both, found, true_] = [0, 0, 0]
  for (let i = 0; i < classes.length; i++) {
    const is = classes[i] === 6
    if (is) found++
    if (isBuilding[i] === 1) true_++
    if (is && isBuilding[i] === 1) both++
  }
  return { precision: both / found, recall: both / true_, f1: (2 * both) / (found + true_) }
}

/** Area in both over area in either, by a raster of 0.2 m over the extent of the points. */
export function outlineOverlap(
  { x, y }: PointArrays,
  official: readonly Ring[],
  found: readonly BuildingOutline[],
): number {
  const step = 0.2
  const range = (values: Float64Array) =>
    [Math.min(...sampled(values)), Math.max(...sampled(values))] as const
  const [west, east] = range(x)
  const [south, north] = range(y)
  const near = official.filter((ring) =>
    ring.some(([u, v]) => u > west && u < east && v > south && v < north),
  )
  let [both, either] = [0, 0]
  for (let u = west + step / 2; u < east; u += step) {
    for (let v = south + step / 2; v < north; v += step) {
      const isTrue = near.some((ring) => isInside(ring, u, v))
      const isFound = found.some(
        ({ outer, inner }) => isInside(outer, u, v) && !inner.some((hole) => isInside(hole, u, v)),
      )
      if (isTrue && isFound) both++
      if (isTrue || isFound) either++
    }
  }
  return both / either
}

/** Enough for a range, few enough to be arguments. */
function sampled(values: Float64Array): Float64Array {
  return values.toSorted().filter((_, i) => i % 100 === 0 || i === values.length - 1)
}

function isInside(ring: Ring, x: number, y: number): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[ax, ay], [bx, by]] = [ring[i]!, ring[j]!]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}
