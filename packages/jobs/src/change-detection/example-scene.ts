// Two surveys of a made-up site whose changes are known exactly: for the demo, and for trying things out.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crsFromDefinition, toWgs84, writeLasPoints } from '@alidade/formats'
import {
  type Block,
  blockAt,
  blocks,
  corner,
  type Epoch,
  extent,
  fromBlock,
  groundHeight,
  surfaceHeight,
  topOfBlock,
  type TrueChange,
  type Tree,
  trees,
  trueChanges,
} from './example-site.ts'

export interface ExampleScene {
  /** The earlier survey, the later one. */
  epochs: { path: string; pointCount: number }[]
  /** A JSON file of type `ExampleTruth`. */
  truthPath: string
}

export interface ExampleTruth {
  changes: (Omit<TrueChange, 'x' | 'y'> & {
    /** Of the middle: in the system of the surveys, and in degrees on WGS 84. */
    east: number
    north: number
    longitude: number
    latitude: number
  })[]
}

/** As a drone sees it: points per square metre from above, their share on walls, and of the ground below trees. */
const density = 20
const shareOnWalls = 0.6
const shareBelowTrees = 0.4
/** Standard deviation of each coordinate, in metres. */
const noise = 0.015

// ASPRS classes of LAS 1.4 (table 17).
const unclassified = 1
const ground = 2
const highVegetation = 5
const buildingClass = 6

/**
 * Writes `survey-1.las`, `survey-2.las` (LAS 1.4, point format 6, EPSG:32632, some 230,000 points each) and
 * `truth.json` into the folder. The surveys are sampled independently of each other, at random places with normal
 * noise; what lies below a building or a thing is not seen. The same call gives the same bytes.
 */
export async function makeExampleScene(folder: string): Promise<ExampleScene> {
  await mkdir(folder, { recursive: true })
  const epochs: ExampleScene['epochs'] = []
  for (const epoch of [1, 2] as const) {
    const path = join(folder, `survey-${epoch}.las`)
    const { pointCount } = await writeLasPoints(path, survey(epoch), {
      crs: { epsg: corner.epsg },
      createdAt: new Date(Date.UTC(2025, epoch === 1 ? 3 : 6, 15)),
    })
    epochs.push({ path, pointCount })
  }
  const truthPath = join(folder, 'truth.json')
  await writeFile(truthPath, `${JSON.stringify(truth(), null, 2)}\n`)
  return { epochs, truthPath }
}

function truth(): ExampleTruth {
  const lonLat = toWgs84(crsFromDefinition(`EPSG:${corner.epsg}`))
  return {
    changes: trueChanges.map(({ x, y, ...change }) => {
      const [east, north] = [corner.east + x, corner.north + y]
      const [longitude, latitude] = lonLat(east, north)
      return { ...change, east, north, longitude, latitude }
    }),
  }
}

interface Columns {
  x: number[]
  y: number[]
  z: number[]
  classification: number[]
}

function survey(epoch: Epoch): Columns {
  const random = seededRandom(epoch)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const columns: Columns = { x: [], y: [], z: [], classification: [] }
  const add = (x: number, y: number, z: number, classification: number) => {
    columns.x.push(corner.east + x + noise * normal())
    columns.y.push(corner.north + y + noise * normal())
    columns.z.push(z + noise * normal())
    columns.classification.push(classification)
  }
  const standing = blocks.filter(({ epochs }) => epochs.includes(epoch))
  for (let k = 0; k < density * extent.x * extent.y; k++) {
    const [x, y] = [extent.x * random(), extent.y * random()]
    const block = blockAt(x, y, epoch)
    if (block !== undefined) add(x, y, surfaceHeight(x, y, epoch), classOf(block))
    else if (!isBelowTree(x, y) || random() < shareBelowTrees) add(x, y, surfaceHeight(x, y, epoch), ground)
  }
  for (const block of standing) addWalls(block, standing, epoch, random, add)
  for (const tree of trees) addTree(tree, epoch, random, add)
  return columns
}

type Random = () => number
type Add = (x: number, y: number, z: number, classification: number) => void

/** All four sides, from the ground to the top: gables included, what touches another block left out. */
function addWalls(block: Block, standing: readonly Block[], epoch: Epoch, random: Random, add: Add): void {
  const { length, width, height, gable } = block
  const around = 2 * (length + width)
  // Into a band that is high enough for slopes and gables; what is not wall is dropped.
  const lowest = groundHeight(block.x, block.y, epoch) - 1
  const band = 1 + height + gable
  for (let k = 0; k < density * shareOnWalls * around * band; k++) {
    const [u, v] = aroundRectangle(around * random(), length, width)
    const z = lowest + band * random()
    const [x, y] = fromBlock(block, u, v)
    if (z < groundHeight(x, y, epoch) || z > (topOfBlock(block, x, y) ?? 0)) continue
    if (standing.some((other) => other !== block && (topOfBlock(other, x, y) ?? 0) > z)) continue
    add(x, y, z, classOf(block))
  }
}

/** The place after so much of the way around a rectangle about the origin. */
function aroundRectangle(way: number, length: number, width: number): [u: number, v: number] {
  if (way < length) return [way - length / 2, -width / 2]
  if (way < length + width) return [length / 2, way - length - width / 2]
  if (way < 2 * length + width) return [1.5 * length + width - way, width / 2]
  return [-length / 2, 2 * length + 1.5 * width - way]
}

/** A trunk, and leaves in the outer part of an ellipsoid. */
function addTree(
  { x, y, trunk, crownRadius, crownHeight }: Tree,
  epoch: Epoch,
  random: Random,
  add: Add,
): void {
  const foot = groundHeight(x, y, epoch)
  for (let k = 0; k < density * trunk; k++) {
    const angle = 2 * Math.PI * random()
    add(x + 0.2 * Math.cos(angle), y + 0.2 * Math.sin(angle), foot + trunk * random(), highVegetation)
  }
  const surface = 4 * Math.PI * crownRadius * ((crownRadius + crownHeight) / 2)
  for (let k = 0; k < density * surface; k++) {
    const angle = 2 * Math.PI * random()
    const up = 2 * random() - 1
    const out = (0.85 + 0.15 * random()) * Math.sqrt(1 - up * up)
    const z = foot + trunk + (crownHeight / 2) * (1 + up)
    add(x + crownRadius * out * Math.cos(angle), y + crownRadius * out * Math.sin(angle), z, highVegetation)
  }
}

function isBelowTree(x: number, y: number): boolean {
  return trees.some((tree) => Math.hypot(x - tree.x, y - tree.y) < tree.crownRadius)
}

function classOf({ what }: Block): number {
  return what === 'building' ? buildingClass : unclassified
}

/** Numbers from 0 to below 1 that repeat with the seed (mulberry32, a public-domain generator by T. Ettinger). */
function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
