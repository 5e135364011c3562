/**
 * How well @alidade/als-basic tells buildings on the AHN tile whose points and outlines are known, as it is, turned, mirrored and
 * thinned; what it says of Autzen, of whose points nothing is known but that the crop has no building; and seconds with the bytes
 * that a process takes.
 *
 *   node bench/quality/segmentation.ts [--timed]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data).
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildingOutlines, segmentClass, sharePoints } from '@alidade/analysis'
import { outlineOverlap, readBuildingTruth, scoreBuildings, thinned, turned } from './building-truth.ts'
import { segmented } from './segment-cloud.ts'
import { readSurvey } from './survey-points.ts'

const { values } = parseArgs({ options: { timed: { type: 'boolean', default: false } } })
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const truth = await readBuildingTruth(data)
const percent = (value: number) => (100 * value).toFixed(1).padStart(6)

console.log('AHN 2386_9702: buildings by point, %\n                precision recall     F1')
const copies = {
  'as it is': truth,
  'turned 33': { ...truth, points: turned(truth.points, 33) },
  'mirrored, 71': { ...truth, points: turned(truth.points, 71, true) },
  ...Object.fromEntries([0.5, 0.25, 0.12, 0.06].map((share) => [`${share} of it`, thinned(truth, share)])),
}
for (const [name, { points, isBuilding }] of Object.entries(copies)) {
  const { precision, recall, f1 } = scoreBuildings(isBuilding, (await segmented(points)).classes)
  console.log(`${name.padEnd(16)}${percent(precision)}   ${percent(recall)} ${percent(f1)}`)
}

const { footprints, poles } = await segmented(truth.points)
const outlines = buildingOutlines(footprints)
for (const [register, rings] of Object.entries(truth.outlines))
  console.log(`outlines against ${register}: IoU ${percent(outlineOverlap(truth.points, rings, outlines))} %`)
console.log(`${outlines.length} buildings, ${poles.length} poles`)

const surveys = values.timed ? ['perf/autzen-1.02M-ft', 'perf/autzen-tile2-ft'] : ['perf/autzen-1.02M-ft']
for (const name of surveys) {
  const survey = sharePoints((await readSurvey(join(data, `pointcloud/${name}.laz`))).points)
  const began = performance.now()
  const { classes, samples } = await segmented(survey, { unitsPerMetre: 1 / 0.3048 })
  const seconds = (performance.now() - began) / 1000
  const counts = Object.entries(segmentClass).map(
    ([label, code]) => `${label} ${classes.reduce((sum, one) => sum + (one === code ? 1 : 0), 0)}`,
  )
  console.log(`${name}: ${classes.length} points, ${samples.x.length} samples: ${counts.join(', ')}`)
  const megabytes = Math.round(process.memoryUsage().rss / 1e6)
  console.log(`${seconds.toFixed(1)} s with 2 threads, ${megabytes} MB in the process`)
}
