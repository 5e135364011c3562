/**
 * How far volumes are off, and how often their 95 % bounds hold, over many made changes.
 *
 *   node bench/quality/volumes.ts [--seeds 201,202,203] [--sources site3,site4,autzen] [--lines]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Each scene is `make-scene.ts` with the digs, fills and boxes of as many draws
 * of `scene-places.ts` as find room in the scan; they are drawn wherever, also under trees and across roofs. Works in this
 * process on arrays. Prints for each kind how many were found, how many bounds hold, the median and the 90th percentile of how far
 * volumes are off and of how wide bounds are, in percent of the true volume; `--lines` prints every change.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compareClouds, surveyShift } from '@alidade/analysis'
import { findChanges } from '../../packages/jobs/src/change-detection/find-changes.ts'
import { makeScene } from './make-scene.ts'
import { roomFor } from './scene-places.ts'
import { randomNumbers, readSurvey } from './survey-points.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '201,202,203' },
    sources: { type: 'string', default: 'site3,site4,autzen' },
    lines: { type: 'boolean', default: false },
  },
})
const data = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const sources: Record<string, { path: string; unitsPerMetre: number }> = {
  site3: { path: 'isprs/CSite3_orig-utm.laz', unitsPerMetre: 1 },
  site4: { path: 'isprs/CSite4_orig-utm.laz', unitsPerMetre: 1 },
  autzen: { path: 'perf/autzen-1.02M-ft.laz', unitsPerMetre: 1 / 0.3048 },
}

interface Judged {
  kind: string
  /** In shares of the true volume; NaN where the change was not found. */
  off: number
  bound: number
}
const judged: Judged[] = []

for (const name of values.sources.split(',')) {
  const { path, unitsPerMetre } = sources[name]!
  const { points } = await readSurvey(join(data, path))
  for (const seed of values.seeds.split(',').map(Number)) {
    const places = roomFor(points, randomNumbers(seed), unitsPerMetre)
    const { surveys, labels, changes } = makeScene(points, seed, unitsPerMetre, places)
    const [a, b] = surveys
    const shift = await surveyShift(a, b)
    const compared = await compareClouds(a, b, { absence: true })
    const { changes: found } = await findChanges(a, b, compared, {
      options: {},
      threads: 2,
      signal: new AbortController().signal,
      onAdvance: () => {},
      shiftDeviation: Number.isFinite(shift.deviation[2]) ? shift.deviation : [0, 0, 0],
    })
    for (const change of changes) {
      if (change.kind === 'removed') continue
      const holds = found.map(({ indicesA, indicesB }) => {
        const of = (indices: Uint32Array, column: Uint8Array) =>
          indices.reduce((count, i) => count + (column[i] === change.id ? 1 : 0), 0)
        return of(indicesA, labels[0]) + of(indicesB, labels[1])
      })
      const best = holds.indexOf(Math.max(...holds))
      const isFound = holds[best]! > 0
      const { volume, volumeUncertainty95 } = isFound
        ? found[best]!
        : { volume: Number.NaN, volumeUncertainty95: 0 }
      const one = {
        kind: change.kind,
        off: volume / change.volume - 1,
        bound: volumeUncertainty95 / change.volume,
      }
      judged.push(one)
      if (values.lines)
        console.log(
          `${name} ${seed} ${change.kind} ${(change.volume / unitsPerMetre ** 3).toFixed(0)} m3: ` +
            `${percent(one.off)} +- ${percent(one.bound)} % ${Math.abs(one.off) <= one.bound ? '' : 'OUT'}`,
        )
    }
  }
}

for (const kind of ['dig', 'fill', 'added_box', '']) {
  const some = judged.filter((one) => kind === '' || one.kind === kind)
  const found = some.filter(({ off }) => !Number.isNaN(off))
  const held = found.filter(({ off, bound }) => Math.abs(off) <= bound).length
  const at = (numbers: number[], share: number) =>
    percent(numbers.sort((one, other) => one - other)[Math.floor(share * (numbers.length - 1))]!)
  const offs = () => found.map(({ off }) => Math.abs(off))
  const bounds = () => found.map(({ bound }) => bound)
  console.log(
    `${kind || 'all'}: ${found.length} of ${some.length} found, ${held} bounds hold (${percent(held / found.length)} %), ` +
      `${found.filter(({ off }) => Math.abs(off) <= 0.15).length} within 15 %, ` +
      `off ${at(offs(), 0.5)} (90th percentile ${at(offs(), 0.9)}) %, bounds ${at(bounds(), 0.5)} (${at(bounds(), 0.9)}) %`,
  )
}

function percent(share: number): string {
  return (100 * share).toFixed(1)
}
