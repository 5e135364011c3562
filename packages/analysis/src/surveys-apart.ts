/** How much of two surveys lies far from the other one, told roughly before any distance is known. */
import { CellIndex, cellStep } from './cell-index.ts'
import type { PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { sampleOf } from './survey-planes.ts'

/** So many points of each survey stand for it, and one in so many of them is asked. */
const mostPoints = 100_000
const askedEvery = 4
/** In spacings of these: a cell of a surface and those around it, all empty by chance, are hardly ever met. */
const edgeInSpacings = 1.5

/** Share of the points of both surveys in whose cell, and those around it, the other one has none. */
export function surveysApart(a: PointArrays, b: PointArrays): number {
  const samples = [a, b].map((points) => sampleOf(points, mostPoints)) as [PointArrays, PointArrays]
  const spacing = suggestedLinkDistance(...samples.map(pointSpacing)) / 2
  if (!(spacing > 0)) return 0
  const edge = edgeInSpacings * spacing
  const origin = [samples[0].x[0]!, samples[0].y[0]!, samples[0].z[0]!] as const
  const stepsOf = ({ x, y, z }: PointArrays, i: number) =>
    [
      cellStep(x[i]!, origin[0], edge),
      cellStep(y[i]!, origin[1], edge),
      cellStep(z[i]!, origin[2], edge),
    ] as const
  const occupied = samples.map((points) => {
    const cells = new CellIndex()
    for (let i = 0; i < points.x.length; i++) cells.add(...stepsOf(points, i))
    return cells
  })
  let weighed = 0
  for (const [survey, points] of samples.entries()) {
    const others = occupied[1 - survey]!
    let [asked, apart] = [0, 0]
    for (let i = 0; i < points.x.length; i += askedEvery) {
      asked++
      if (!isAnyAround(others, stepsOf(points, i))) apart++
    }
    weighed += [a, b][survey]!.x.length * (apart / Math.max(1, asked))
  }
  return weighed / (a.x.length + b.x.length)
}

function isAnyAround(cells: CellIndex, [i, j, k]: readonly [number, number, number]): boolean {
  if (cells.find(i, j, k) >= 0) return true
  for (let step = 0; step < 27; step++)
    if (cells.find(i + (step % 3) - 1, j + (Math.floor(step / 3) % 3) - 1, k + Math.floor(step / 9) - 1) >= 0)
      return true
  return false
}
