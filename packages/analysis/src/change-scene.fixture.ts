/**
 * Two scans of one made-up place, with changes whose volume is known: a box truck that left, and a heap that grew as a
 * paraboloid. Below the truck nothing is scanned while it stands there. All lengths in metres.
 */
import type { PointArrays } from './point-arrays.ts'
import { seededRandom } from './random-points.fixture.ts'

export const truck = { x: 30, y: 25, length: 8, width: 2.5, height: 3, yawRadians: 0.5 }
export const heap = { x: 62, y: 60, radius: 7, height: 2 }
export const truckVolume = truck.length * truck.width * truck.height
export const heapVolume = (Math.PI * heap.radius ** 2 * heap.height) / 2

const side = 90
const east = 512_000
const north = 5_404_000

export function changeScene(
  density: number,
  noise: number,
  seed: number,
): { a: PointArrays; b: PointArrays } {
  return { a: scan(1, density, noise, seed), b: scan(2, density, noise, seed + 1) }
}

function scan(epoch: 1 | 2, density: number, noise: number, seed: number): PointArrays {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const rows: [number, number, number][] = []
  const add = (x: number, y: number, z: number) => {
    rows.push([east + x + noise * normal(), north + y + noise * normal(), z + noise * normal()])
  }
  for (let k = 0; k < density * side * side; k++) {
    const [x, y] = [side * random(), side * random()]
    if (epoch === 1 && underTruck(x, y)) add(x, y, ground(truck.x, truck.y) + truck.height)
    else add(x, y, ground(x, y) + (epoch === 2 ? heapHeight(x, y) : 0))
  }
  if (epoch === 1) addTruckSides(density, random, add)
  const column = (axis: 0 | 1 | 2) => Float64Array.from(rows, (row) => row[axis])
  return { x: column(0), y: column(1), z: column(2) }
}

/** A gentle slope with waves; level where the truck stands, so that its volume is its box. */
function ground(x: number, y: number): number {
  const rolling = 0.05 * x + 0.6 * Math.sin(x / 9) * Math.cos(y / 11)
  const away = Math.hypot(x - truck.x, y - truck.y)
  const share = Math.min(1, Math.max(0, (away - 6) / 6))
  return 200 + share * rolling + (1 - share) * 1.5
}

function heapHeight(x: number, y: number): number {
  return Math.max(0, heap.height * (1 - ((x - heap.x) ** 2 + (y - heap.y) ** 2) / heap.radius ** 2))
}

function inTruck(x: number, y: number): [number, number] {
  const [dx, dy] = [x - truck.x, y - truck.y]
  const [cosine, sine] = [Math.cos(truck.yawRadians), Math.sin(truck.yawRadians)]
  return [dx * cosine + dy * sine, dy * cosine - dx * sine]
}

function underTruck(x: number, y: number): boolean {
  const [u, v] = inTruck(x, y)
  return Math.abs(u) <= truck.length / 2 && Math.abs(v) <= truck.width / 2
}

/** From above, walls get a fifth of the density of level ground. */
function addTruckSides(
  density: number,
  random: () => number,
  add: (x: number, y: number, z: number) => void,
): void {
  const [cosine, sine] = [Math.cos(truck.yawRadians), Math.sin(truck.yawRadians)]
  const around = 2 * (truck.length + truck.width)
  for (let k = 0; k < (density / 5) * around * truck.height; k++) {
    const t = around * random()
    const longSide = t < 2 * truck.length
    const s = longSide ? t % truck.length : (t - 2 * truck.length) % truck.width
    const first = longSide ? t < truck.length : t - 2 * truck.length < truck.width
    const u = longSide ? s - truck.length / 2 : (first ? 0.5 : -0.5) * truck.length
    const v = longSide ? (first ? 0.5 : -0.5) * truck.width : s - truck.width / 2
    const z = ground(truck.x, truck.y) + truck.height * random()
    add(truck.x + u * cosine - v * sine, truck.y + u * sine + v * cosine, z)
  }
}
