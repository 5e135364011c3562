// A made-up site at two times, whole: what stands where, how high the surface is, and what truly changed. Lengths in
// metres, places from the south-west corner of the site; nothing here is sampled or random.

export type Epoch = 1 | 2

/** EPSG:32632 coordinates of the south-west corner, among fields north of the middle of Germany. */
export const corner = { east: 500_300, north: 5_872_100, epsg: 32632 }
export const extent = { x: 110, y: 90 }

/** A box that stands upright on the ground below its middle, with a flat top or a gable along its length. */
export interface Block {
  what: 'building' | 'thing'
  x: number
  y: number
  length: number
  width: number
  /** To the flat top or the eaves. */
  height: number
  /** Of the ridge above the eaves. */
  gable: number
  /** Of the length, counter-clockwise from east. */
  yawRadians: number
  epochs: readonly Epoch[]
}

export interface Tree {
  x: number
  y: number
  trunk: number
  crownRadius: number
  crownHeight: number
}

/** A paraboloid of revolution on the ground (height > 0) or dug into it (height < 0), at each time. */
interface Mound {
  x: number
  y: number
  at: Record<Epoch, { radius: number; height: number }>
}

/** What is different the second time. Volumes follow from the formulas of the bodies. */
export interface TrueChange {
  what: string
  kind: 'appeared' | 'disappeared'
  x: number
  y: number
  lengthMetres: number
  widthMetres: number
  heightMetres: number
  volumeCubicMetres: number
  volumeFormula: string
}

const both = [1, 2] as const
const building = (
  x: number,
  y: number,
  length: number,
  width: number,
  height: number,
  gable: number,
  yaw: number,
) => ({ what: 'building', x, y, length, width, height, gable, yawRadians: yaw, epochs: both }) satisfies Block

const truck = { x: 41, y: 24, yawRadians: 0.5, length: 8, width: 2.5, height: 3 }
const box = { length: 5.8, width: 2.5, height: 3 }
const cab = { length: 2.2, width: 2.4, height: 2.4 }
/** The outer sizes of a 20-foot container (ISO 668, 1CC). */
const container = { x: 61, y: 21, yawRadians: -0.25, length: 6.058, width: 2.438, height: 2.591 }
const heap: Mound = { x: 87, y: 25, at: { 1: { radius: 5, height: 1.2 }, 2: { radius: 7, height: 2.4 } } }
const pit: Mound = { x: 17, y: 24, at: { 1: { radius: 0, height: 0 }, 2: { radius: 4, height: -1.8 } } }

export const blocks: readonly Block[] = [
  building(22, 66, 14, 9, 5.5, 3.2, 0.2),
  building(46, 71, 12, 9, 5.2, 3, 0.05),
  building(84, 65, 26, 14, 6, 1.8, -0.1),
  building(60, 55, 6, 4, 2.6, 0, 0.4),
  partOfTruck(box, (box.length - truck.length) / 2),
  partOfTruck(cab, (truck.length - cab.length) / 2),
  { ...container, what: 'thing', gable: 0, epochs: [2] },
]

export const trees: readonly Tree[] = [
  { x: 8, y: 44, trunk: 2.2, crownRadius: 2.6, crownHeight: 6 },
  { x: 20, y: 47, trunk: 2, crownRadius: 2.2, crownHeight: 5 },
  { x: 33, y: 45, trunk: 2.5, crownRadius: 3, crownHeight: 7 },
  { x: 36, y: 82, trunk: 1.8, crownRadius: 2, crownHeight: 4.5 },
  { x: 62, y: 80, trunk: 2.4, crownRadius: 2.8, crownHeight: 6.5 },
  { x: 102, y: 44, trunk: 2, crownRadius: 2.4, crownHeight: 5.5 },
  { x: 103, y: 8, trunk: 2.6, crownRadius: 3.1, crownHeight: 7.5 },
]

export const trueChanges: readonly TrueChange[] = [
  {
    what: 'truck that left',
    kind: 'disappeared',
    x: truck.x,
    y: truck.y,
    ...sides(truck),
    volumeCubicMetres: volumeOf(box) + volumeOf(cab),
    volumeFormula: 'length x width x height of its box and of its cab, down to the ground',
  },
  {
    what: 'heap that grew',
    kind: 'appeared',
    x: heap.x,
    y: heap.y,
    ...sides({ length: 2 * heap.at[2].radius, width: 2 * heap.at[2].radius, height: heap.at[2].height }),
    volumeCubicMetres: paraboloidVolume(heap.at[2]) - paraboloidVolume(heap.at[1]),
    volumeFormula: 'pi / 2 x radius^2 x height of the new paraboloid less that of the old one',
  },
  {
    what: 'new container',
    kind: 'appeared',
    x: container.x,
    y: container.y,
    ...sides(container),
    volumeCubicMetres: volumeOf(container),
    volumeFormula: 'length x width x height',
  },
  {
    what: 'pit that was dug',
    kind: 'disappeared',
    x: pit.x,
    y: pit.y,
    ...sides({ length: 2 * pit.at[2].radius, width: 2 * pit.at[2].radius, height: -pit.at[2].height }),
    volumeCubicMetres: -paraboloidVolume(pit.at[2]),
    volumeFormula: 'pi / 2 x radius^2 x depth of the paraboloid',
  },
]

/** Rolling terrain with a level yard, on which truck and container stand, and what is heaped on it or dug into it. */
export function groundHeight(x: number, y: number, epoch: Epoch): number {
  const rolling = 0.04 * x + 0.7 * Math.sin(x / 13) * Math.cos(y / 15)
  const outsideYard = Math.hypot(Math.max(0, Math.abs(x - 51) - 17), Math.max(0, Math.abs(y - 23) - 8))
  const share = Math.min(1, outsideYard / 10)
  const smooth = share * share * (3 - 2 * share)
  return (
    31 + smooth * rolling + (1 - smooth) * 2 + moundHeight(heap, x, y, epoch) + moundHeight(pit, x, y, epoch)
  )
}

/** The block that is seen from above at a place, if any. */
export function blockAt(x: number, y: number, epoch: Epoch): Block | undefined {
  return blocks.find((block) => block.epochs.includes(epoch) && topOfBlock(block, x, y) !== undefined)
}

/** Height of what is seen from above, trees aside. */
export function surfaceHeight(x: number, y: number, epoch: Epoch): number {
  const block = blockAt(x, y, epoch)
  return block === undefined ? groundHeight(x, y, epoch) : topOfBlock(block, x, y)!
}

/** Place in the block's own axes, along its length and its width, from its middle. */
function inBlock({ x, y, yawRadians }: Block, atX: number, atY: number): [u: number, v: number] {
  const [dx, dy, cosine, sine] = [atX - x, atY - y, Math.cos(yawRadians), Math.sin(yawRadians)]
  return [dx * cosine + dy * sine, dy * cosine - dx * sine]
}

/** The other way. */
export function fromBlock({ x, y, yawRadians }: Block, u: number, v: number): [x: number, y: number] {
  const [cosine, sine] = [Math.cos(yawRadians), Math.sin(yawRadians)]
  return [x + u * cosine - v * sine, y + u * sine + v * cosine]
}

/** Height of the block's top at a place; undefined beside it. */
export function topOfBlock(block: Block, x: number, y: number): number | undefined {
  const [u, v] = inBlock(block, x, y)
  const { length, width, height, gable } = block
  // A hair of tolerance: its own walls belong to it.
  if (Math.abs(u) > length / 2 + 1e-9 || Math.abs(v) > width / 2 + 1e-9) return undefined
  return groundHeight(block.x, block.y, 1) + height + gable * (1 - Math.abs(v) / (width / 2))
}

function moundHeight({ x, y, at }: Mound, atX: number, atY: number, epoch: Epoch): number {
  const { radius, height } = at[epoch]
  const squared = (atX - x) ** 2 + (atY - y) ** 2
  return squared < radius * radius ? height * (1 - squared / (radius * radius)) : 0
}

function paraboloidVolume({ radius, height }: { radius: number; height: number }): number {
  return (Math.PI / 2) * radius * radius * height
}

function volumeOf({ length, width, height }: { length: number; width: number; height: number }): number {
  return length * width * height
}

function sides({ length, width, height }: { length: number; width: number; height: number }) {
  return { lengthMetres: length, widthMetres: width, heightMetres: height }
}

/** A body of the truck, so far ahead of its middle. */
function partOfTruck(size: { length: number; width: number; height: number }, ahead: number): Block {
  const { x, y, yawRadians } = truck
  const middle = { x: x + ahead * Math.cos(yawRadians), y: y + ahead * Math.sin(yawRadians) }
  return { what: 'thing', ...middle, ...size, gable: 0, yawRadians, epochs: [1] }
}
