// Dealing out the points of both surveys to tiles, and finding what all tiles have to know.
import { suggestedLinkDistance } from '@alidade/analysis'
import { JobError } from '../../job-error.ts'
import type { Divided, JobContext, Tile, WorkFolder } from '../../job-type.ts'
import { type Cloud, closeClouds, openCloud } from '../../point-clouds/cloud.ts'
import { knownDeviation, seekShift, shiftWarning } from '../align-surveys.ts'
import { filesOf, inputOf, shownInputOf } from '../epoch-inputs.ts'
import { cellInLinkDistances } from '../find-changes.ts'
import { commonCrs } from '../found-change.ts'
import { inspectClouds } from '../inspect.ts'
import { isSegmented } from '../segmented-clouds.ts'
import { planChangeDetection, readPart, type Step } from '../step-costs.ts'
import { chooseThresholds } from '../thresholds.ts'
import { localFile } from '../../point-clouds/tiles/columns-file.ts'
import { copyOf, frameOfSurveys, moveBack, spacingInTiles } from './find-whole.ts'
import { planTiles } from '../../point-clouds/tiles/partition.ts'
import { dealOut, type DealtSurvey } from './deal-survey.ts'
import { readPointFile } from '../../point-clouds/tiles/point-files.ts'
import {
  memoryOfTile,
  mostTilePoints,
  partsOf,
  partsOfMerge,
  secondsOf,
  sum,
  type TileFacts,
  tilesOfSmallest,
} from './tile-costs.ts'
import { pointsName, type Whole, wholeName, writeWhole } from './whole.ts'
import { isTwofold } from './work-on-tile.ts'

/** The neighbourhoods of the cells of surfaces reach so many cells beyond a tile, and a hair. */
const reachInCells = 3.01

const epochs = [0, 1] as const
const names = ['A', 'B'] as const

export async function divide(
  context: JobContext<Step>,
  shared: WorkFolder,
  fromPoints: number,
): Promise<Divided> {
  const { inputs, outputs, options, progress, signal, threads, warn } = context
  const clouds: Cloud[] = []
  try {
    for (const epoch of names)
      clouds.push(await openCloud(shownInputOf(epoch, inputs), filesOf(epoch, inputs), signal))
    const [a, b] = clouds as [Cloud, Cloud]
    const inspection = await inspectClouds(
      { [inputOf('A', inputs)]: a.files, [inputOf('B', inputs)]: b.files },
      Object.keys(outputs),
      signal,
      options,
    )
    for (const warning of inspection.warnings) warn(warning)
    if (inspection.faults[0]) throw new JobError(inspection.faults[0].error)

    const tilePoints = Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
    const plan = await planTiles(clouds, tilePoints, { signal, threads })
    let fileNumber = 0
    const counted = (cloud: Cloud) => (file: number) => {
      const total = cloud.headers[file]!.pointCount
      const part = { part: readPart(++fileNumber), total, unit: 'points' }
      const reading = progress.begin('Read_Clouds', part)
      return (points: number) => reading.advance(points)
    }
    const dealing = (onFile: (cloud: Cloud) => (file: number) => (points: number) => void) =>
      epochs.map(
        (epoch) => () =>
          dealOut(clouds[epoch]!, epoch, plan, { shared, signal, threads, onFile: onFile(clouds[epoch]!) }),
      )
    let dealt = await inTurn(dealing(counted))
    const [samplesA, samplesB] = dealt.map(({ samples }) => samples) as [Samples, Samples]
    const found = await seekShift(samplesA.shift, samplesB.shift, { progress, signal })
    if (found.isSure) warn(shiftWarning(found, commonCrs({ a, b })?.linearUnit.name ?? 'units'))
    const shift: Whole['shift'] = found.isSure ? found.vector : [0, 0, 0]

    const pointCounts: Whole['pointCounts'] = [a.pointCount, b.pointCount]
    const alignedBulk = moveBack(copyOf(samplesB.bulk), shift)
    const frames: Whole['frames'] = {
      lying: frameOfSurveys([samplesA.bulk, samplesB.bulk], pointCounts),
      aligned: frameOfSurveys([samplesA.bulk, alignedBulk], pointCounts),
    }
    const total = 2 * plan.tiles.bounds.length
    const spacing = progress.begin('Compare_Clouds', { part: 'spacing', total, unit: 'tiles' })
    const [spacingA, spacingB] = (await inTurn(
      epochs.map(
        (epoch) => () =>
          spacingInTiles({
            seeds: dealt[epoch]!.samples.spacing,
            tiles: plan.tiles.bounds,
            boxes: dealt[epoch]!.boxes,
            ...{ halo: plan.halo, frame: frames.aligned },
            shift: epoch === 0 ? [0, 0, 0] : shift,
            read: async (tile, isWanted) =>
              readPointFile(await localFile(shared.path(pointsName(epoch, tile))), signal, isWanted),
            onTile: () => spacing.advance(1),
          }),
      ),
    )) as [number, number]
    const spacings: Whole['spacings'] = [spacingA, spacingB]
    const suggested = suggestedLinkDistance(...spacings)
    const linkDistance = suggested > 0 ? suggested : chooseThresholds(options, { spacingA, spacingB }).high
    const cellSize = cellInLinkDistances * linkDistance
    // Sampled too roughly, the surveys are dealt out once more.
    const leastHalo = reachInCells * cellSize + Math.hypot(shift[0], shift[1])
    if (plan.tiles.bounds.length > 1 && !(plan.halo > leastHalo)) {
      plan.halo = 4 * leastHalo
      dealt = await inTurn(dealing(() => () => () => {}))
    }
    const whole: Whole = {
      ...{ pointCounts, spacings, frames, cellSize, linkDistance, shift },
      origin: frames.aligned.centre,
      shiftDeviation: knownDeviation(found.deviation),
      isAligned: found.isSure,
      isDistanceAsked: names.some((epoch) => isSegmented(epoch, Object.keys(outputs))),
      tiles: plan.tiles.bounds,
      halo: plan.halo,
      boxes: [dealt[0]!.boxes, dealt[1]!.boxes],
    }
    await writeWhole(shared.path(wholeName), whole)
    const tiles = plan.tiles.bounds.map((_, number) => tileOf(whole, number, dealt, threads))
    const opened = { modelA: a.files, modelB: b.files }
    const planned = await planChangeDetection({
      inputs: opened,
      outputs: Object.keys(outputs),
      threads,
      options,
    })
    const writing = planned.filter(({ step }) => step === 'Write_Results')
    const merging = partsOfMerge(sum(pointCounts), tiles.length)
    return { tiles, mergeSeconds: secondsOf([...merging, ...writing]) }
  } finally {
    await closeClouds(clouds)
  }
}

type Samples = DealtSurvey['samples']

async function inTurn<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  for (const task of tasks) results.push(await task())
  return results
}

function tileOf(whole: Whole, number: number, dealt: readonly DealtSurvey[], threads: number) {
  const points = sum(dealt.map(({ counts }) => counts[number]!))
  const facts: TileFacts = { number, points, isTwofold: isTwofold(whole) }
  const tile: Tile = {
    name: `tile ${number + 1} of ${whole.tiles.length}`,
    files: [wholeName, ...epochs.map((epoch) => pointsName(epoch, number))],
    inputs: {},
    seconds: secondsOf(partsOf(facts, threads)),
    facts: { ...facts },
  }
  return { ...tile, memoryMegabytes: memoryOfTile(facts) }
}
