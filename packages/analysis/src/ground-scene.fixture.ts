/** Small places with an answer known by construction, for tests of the ground filter. */
import { classifyGround, groundClass } from './classify-ground.ts'
import { type GroundOptions, groundOptions } from './ground-options.ts'
import { GroundRaster } from './ground-raster.ts'
import { type GroundSurfaceOptions, groundSurface } from './ground-surface.ts'
import type { PointArrays } from './point-arrays.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

/** `count` points strewn over a square from 0 to `edge`, at the height of a formula. */
export function strewn(
  edge: number,
  count: number,
  heightAt: (x: number, y: number) => number,
  seed = 1,
): PointArrays {
  const random = seededRandom(seed)
  return cloudOf(count, () => {
    const [x, y] = [edge * random(), edge * random()]
    return [x, y, heightAt(x, y)]
  })
}

export function rasterOf(points: PointArrays, options: GroundOptions = groundOptions()): GroundRaster {
  const range = (column: Float64Array): [number, number] => [
    column.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    column.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ]
  const [[west, east], [south, north]] = [range(points.x), range(points.y)]
  const extent = { cellSize: options.cellSize, heightOrigin: 0 }
  const raster = new GroundRaster({ min: [west, south], max: [east, north], ...extent })
  raster.add(points.x, points.y, points.z)
  return raster
}

/** Whether each point is ground. */
export async function groundOf(
  points: PointArrays,
  options: GroundOptions = groundOptions(),
  how: GroundSurfaceOptions = {},
): Promise<boolean[]> {
  const classes = new Uint8Array(points.x.length)
  const surface = await groundSurface(rasterOf(points, options), options, how)
  classifyGround(surface, points.x, points.y, points.z, classes)
  return Array.from(classes, (code) => code === groundClass)
}

/** Share of the points at which `isAt` holds that are ground. */
export function groundShare(
  { x, y }: PointArrays,
  isGround: readonly boolean[],
  isAt: (x: number, y: number) => boolean,
): number {
  let [all, ground] = [0, 0]
  for (const [i, is] of isGround.entries()) {
    if (!isAt(x[i]!, y[i]!)) continue
    all++
    if (is) ground++
  }
  return ground / all
}
