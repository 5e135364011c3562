/** How far the colour of every point is from the colours that the other epoch has around it. */
import { CellIndex } from './cell-index.ts'
import { atOnce, type Pace, paceSteps } from './pace.ts'
import { bulkCentre, countPoints, type PointArrays } from './point-arrays.ts'

export type ColouredPoints = PointArrays & {
  /** Red, green and blue of one point after the other, 16 bits each. */
  readonly rgb: Uint16Array
}

export type ColourDifferenceOptions = {
  /** Where cells begin: of parts of surveys that of the whole. Default: amid the bulk of the points. */
  readonly origin?: readonly [number, number, number]
  readonly pace?: Pace
}

/** 255 of 8 bits is 65,535 of 16. */
export const sixteenBitStep = 257
/** Of points that crowd a cell so many are looked at: more of them hardly come nearer to a colour. */
const mostInCell = 32
const farthestCell = 2 ** 30

/**
 * For each point the least Euclidean distance in RGB, in steps of 8 bits (0 to 441.7), to any point of the other epoch within
 * `radius`; 0 where there is none, for then nothing is known. The least, so that the border between two colours and a
 * texture, which are sampled at other places each time, are no differences. `pace` hears of the points of both epochs once.
 * No point further than twice `radius` on an axis has a say.
 */
export async function colourDifferences(
  a: ColouredPoints,
  b: ColouredPoints,
  radius: number,
  { origin = bulkCentre([a, b]), pace = atOnce }: ColourDifferenceOptions = {},
): Promise<{ differenceA: Float32Array; differenceB: Float32Array }> {
  if (!(radius > 0)) throw new RangeError(`radius must be positive, got ${radius}`)
  const cells = new CellIndex()
  const [cellsOfA, cellsOfB] = [await cellOfEach(a), await cellOfEach(b)]
  const [sortedA, sortedB] = [sortByCell(cellsOfA, cells.count), sortByCell(cellsOfB, cells.count)]
  return {
    differenceA: await differences(a, sortedA, b, sortedB, cells, radius, pace),
    differenceB: await differences(b, sortedB, a, sortedA, cells, radius, pace),
  }

  async function cellOfEach(points: ColouredPoints): Promise<Uint32Array> {
    const cellOf = new Uint32Array(countPoints(points))
    const step = (value: number, from: number) =>
      Math.max(-farthestCell, Math.min(farthestCell, Math.floor((value - from) / radius)))
    for (let i = 0; i < cellOf.length; i++) {
      if (i % paceSteps === 0) await pace(0)
      const { x, y, z } = points
      cellOf[i] = cells.add(step(x[i]!, origin[0]), step(y[i]!, origin[1]), step(z[i]!, origin[2]))
    }
    return cellOf
  }
}

/** Points of cell c: `order` from `starts[c]` to before `starts[c + 1]`. */
type ByCell = { starts: Uint32Array; order: Uint32Array }

function sortByCell(cellOf: Uint32Array, cellCount: number): ByCell {
  const starts = new Uint32Array(cellCount + 1)
  for (const cell of cellOf) starts[cell + 1]!++
  for (let cell = 0; cell < cellCount; cell++) starts[cell + 1]! += starts[cell]!
  const next = starts.slice()
  const order = new Uint32Array(cellOf.length)
  for (let i = 0; i < cellOf.length; i++) order[next[cellOf[i]!]!++] = i
  return { starts, order }
}

async function differences(
  query: ColouredPoints,
  { starts, order }: ByCell,
  reference: ColouredPoints,
  others: ByCell,
  cells: CellIndex,
  radius: number,
  pace: Pace,
): Promise<Float32Array> {
  const difference = new Float32Array(order.length)
  const beside = new Uint32Array(27 * mostInCell)
  const { x, y, z, rgb } = reference
  let unpaced = 0
  for (let cell = 0; cell < starts.length - 1; cell++) {
    if (starts[cell] === starts[cell + 1]) continue
    const count = gather(cell, others, cells, beside)
    for (let place = starts[cell]!; place < starts[cell + 1]!; place++) {
      const i = order[place]!
      let least = Infinity
      for (let k = 0; k < count; k++) {
        const j = beside[k]!
        const [dx, dy, dz] = [query.x[i]! - x[j]!, query.y[i]! - y[j]!, query.z[i]! - z[j]!]
        if (dx * dx + dy * dy + dz * dz > radius * radius) continue
        const red = query.rgb[3 * i]! - rgb[3 * j]!
        const green = query.rgb[3 * i + 1]! - rgb[3 * j + 1]!
        const blue = query.rgb[3 * i + 2]! - rgb[3 * j + 2]!
        least = Math.min(least, red * red + green * green + blue * blue)
      }
      difference[i] = least === Infinity ? 0 : Math.sqrt(least) / sixteenBitStep
      if (++unpaced < paceSteps) continue
      await pace(unpaced)
      unpaced = 0
    }
  }
  await pace(unpaced)
  return difference
}

/** Indices of the points in a cell and the 26 around it; returns how many. */
function gather(cell: number, { starts, order }: ByCell, cells: CellIndex, into: Uint32Array): number {
  let count = 0
  for (let step = 0; step < 27; step++) {
    const at = cells.findBeside(
      cell,
      Math.floor(step / 9) - 1,
      (Math.floor(step / 3) % 3) - 1,
      (step % 3) - 1,
    )
    if (at < 0) continue
    const [first, size] = [starts[at]!, starts[at + 1]! - starts[at]!]
    const taken = Math.min(size, mostInCell)
    for (let k = 0; k < taken; k++) into[count++] = order[first + Math.floor((k * size) / taken)]!
  }
  return count
}
