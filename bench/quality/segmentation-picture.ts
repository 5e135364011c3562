/**
 * Draws what @alidade/als-basic makes of the AHN tile: heights on the left, classes and outlines of buildings on the right.
 *
 *   node bench/quality/segmentation-picture.ts --out docs/segmentation.png
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Sand: ground; red: buildings, their outlines dark; greens: vegetation; magenta:
 * poles; black: the rest.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildingOutlines, segmentClass } from '@alidade/analysis'
import { readBuildingTruth } from './building-truth.ts'
import { rangeOf } from './run-ground.ts'
import { segmented } from './segment-cloud.ts'
import { writePng } from './write-png.ts'

const { values } = parseArgs({ options: { out: { type: 'string', default: 'segmentation.png' } } })
const { points } = await readBuildingTruth(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'))
const { classes, footprints } = await segmented(points)

const pixelsPerMetre = 9
const dot = 3
const [west, east] = rangeOf(points.x)
const [south, north] = rangeOf(points.y)
const [low, high] = rangeOf(points.z)
const width = Math.ceil((east - west) * pixelsPerMetre) + dot
const height = Math.ceil((north - south) * pixelsPerMetre) + dot
const rgb = new Uint8Array(3 * 2 * width * height).fill(255)
const colours: Record<number, readonly number[]> = {
  [segmentClass.rest]: [20, 20, 20],
  [segmentClass.ground]: [222, 208, 178],
  [segmentClass.mediumVegetation]: [160, 205, 110],
  [segmentClass.highVegetation]: [60, 150, 60],
  [segmentClass.building]: [205, 85, 70],
  [segmentClass.wire]: [40, 70, 220],
  [segmentClass.pole]: [220, 30, 200],
}

function put(half: 0 | 1, x: number, y: number, colour: readonly number[], size = dot): void {
  const [column, row] = [Math.floor((x - west) * pixelsPerMetre), Math.floor((north - y) * pixelsPerMetre)]
  for (let v = row; v < Math.min(row + size, height); v++)
    for (let u = column; u < Math.min(column + size, width); u++)
      if (u >= 0 && v >= 0) rgb.set(colour, 3 * (v * 2 * width + half * width + u))
}

const upwards = [...points.z.keys()].sort((a, b) => points.z[a]! - points.z[b]!)
for (const i of upwards) {
  const grey = Math.round(40 + (200 * (points.z[i]! - low)) / (high - low))
  put(0, points.x[i]!, points.y[i]!, [grey, grey, grey])
  put(1, points.x[i]!, points.y[i]!, colours[classes[i]!]!)
}
for (const { outer, inner } of buildingOutlines(footprints)) {
  for (const ring of [outer, ...inner]) {
    for (const [i, [ax, ay]] of ring.entries()) {
      const [bx, by] = ring[(i + 1) % ring.length]!
      const steps = Math.ceil(Math.hypot(bx - ax, by - ay) * pixelsPerMetre)
      for (let k = 0; k <= steps; k++)
        put(1, ax + ((bx - ax) * k) / steps, ay + ((by - ay) * k) / steps, [90, 0, 20], 2)
    }
  }
}
await writePng(values.out, rgb, 2 * width, height)
console.log(`${values.out}: ${2 * width} x ${height}`)
