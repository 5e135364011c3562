/** The whole ground filter on points in memory. */
import {
  classifyGround,
  type GroundOptions,
  GroundRaster,
  groundOptions,
  groundSurface,
  type PointArrays,
} from '@alidade/analysis'

export async function classified(
  { x, y, z }: PointArrays,
  options: GroundOptions = groundOptions(),
): Promise<Uint8Array> {
  const classes = new Uint8Array(x.length)
  const [west, east] = rangeOf(x)
  const [south, north] = rangeOf(y)
  const [heightOrigin] = rangeOf(z)
  const raster = new GroundRaster({
    min: [west, south],
    max: [east, north],
    cellSize: options.cellSize,
    heightOrigin,
  })
  raster.add(x, y, z)
  classifyGround(await groundSurface(raster, options), x, y, z, classes)
  return classes
}

export function rangeOf(column: Float64Array): [number, number] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of column) {
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  return [lowest, highest]
}
