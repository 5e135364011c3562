// Dealing out the points of both surveys to tiles, and finding what all tiles have to know.
import { dirname } from 'node:path'
import {
  densityRatios,
  type Registration,
  registrationStride,
  sixteenBitStep,
  suggestedLinkDistance,
} from '@alidade/analysis'
import type { Divided, JobContext, Tile, WorkFolder } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { localFile } from '../../point-clouds/tiles/columns-file.ts'
import { planTiles, type TilePlan } from '../../point-clouds/tiles/partition.ts'
import { knownDeviation, seekShift, shiftWarning } from '../align-surveys.ts'
import { cellInLinkDistances } from '../find-changes.ts'
import { commonCrs } from '../found-change.ts'
import { areBothColoured, type OpenSurveys, withOpenSurveys } from '../open-surveys.ts'
import { registrationAsked, registrationWarning, seekRegistration } from '../register.ts'
import { isSegmented } from '../segmented-clouds.ts'
import { planChangeDetection, readPart, type Step } from '../step-costs.ts'
import { areThresholdsAsked, chooseThresholds } from '../thresholds.ts'
import { dealOut, type DealtSurvey, sampleSurvey } from './deal-survey.ts'
import { copyOf, frameOfSurveys, moveBack, spacingInTiles } from './find-whole.ts'
import {
  memoryOfTile,
  partsOf,
  partsOfMerge,
  pointsOfTile,
  samplePart,
  secondsOf,
  sum,
  type TileFacts,
} from './tile-costs.ts'
import { readPlaces } from './tile-points.ts'
import { pointsName, type Whole, wholeName, writeWhole } from './whole.ts'
import { workOf } from './work-on-tile.ts'

/** The neighbourhoods of the cells of surfaces reach so many cells beyond a tile, and a hair; those of colours likewise. */
const reachInCells = 3.01
const colourReachInCells = 2.01

const epochs = [0, 1] as const
const names = ['A', 'B'] as const

export async function divide(
  context: JobContext<Step>,
  shared: WorkFolder,
  fromPoints: number,
): Promise<Divided> {
  // What is brought into LAS is read once more when results are written.
  const scratch = dirname(shared.path(wholeName))
  return withOpenSurveys({ ...context, scratch }, (surveys) =>
    divideOpen(context, surveys, shared, fromPoints),
  )
}

async function divideOpen(
  context: JobContext<Step>,
  { a, b, roughness, mayHaveColours }: OpenSurveys,
  shared: WorkFolder,
  fromPoints: number,
): Promise<Divided> {
  const { outputs, options, progress, signal, threads, warn } = context
  const clouds = [a, b] as const
  const unit = commonCrs({ a, b })?.linearUnit.name ?? 'units'
  const pointCounts: Whole['pointCounts'] = [a.pointCount, b.pointCount]
  const count = sum(pointCounts)
  const reading = { signal, threads }
  let fileNumber = 0
  /** Counted file by file. */
  const inFiles = (cloud: Cloud) => (file: number) => {
    const total = cloud.headers[file]!.pointCount
    const part = { part: readPart(++fileNumber), total, unit: 'points' }
    const one = progress.begin('Read_Clouds', part)
    return (points: number) => one.advance(points)
  }
  /** Counted in one part, of all files. */
  const inOne = (part: string) => {
    const all = progress.begin('Compare_Clouds', { part, total: count, unit: 'points' })
    return () => () => (points: number) => all.advance(points)
  }
  const sought = await register()
  const registered = sought?.refusal === undefined ? sought : undefined
  const motion = registered?.motion

  const tilePoints = pointsOfTile(fromPoints)
  const { step, part, total } = samplePart([a.headers, b.headers], options)
  const sampling = progress.begin(step, { part, total, unit: 'places' })
  const plan = await planTiles(clouds, tilePoints, reading, { onPlace: () => sampling.advance(1) })
  const dealing = (onFile: (cloud: Cloud) => (file: number) => (points: number) => void) =>
    epochs.map(
      (epoch) => () =>
        dealOut(clouds[epoch], epoch, plan, {
          ...{ ...reading, shared, withColours: mayHaveColours, onFile: onFile(clouds[epoch]) },
          ...(epoch === 1 && motion && { motion }),
        }),
    )
  let dealt = await inTurn(dealing(registrationAsked(options) ? inOne('deal') : inFiles))
  const isColoured = dealt.map(({ largestColour }) => largestColour > 0)
  const withColours = mayHaveColours && areBothColoured({ a, b }, isColoured, warn)
  if (sought) warn(registrationWarning(sought, unit))
  const [samplesA, samplesB] = dealt.map(({ samples }) => samples) as [Samples, Samples]

  const found = motion ? undefined : await seekShift(samplesA.shift, samplesB.shift, { progress, signal })
  if (found?.isSure) warn(shiftWarning(found, unit))
  const isAligned = found?.isSure === true && !areThresholdsAsked(options)
  const shift: Whole['shift'] = isAligned ? found.vector : [0, 0, 0]

  const alignedBulk = moveBack(copyOf(samplesB.bulk), shift)
  const frames: Whole['frames'] = {
    lying: frameOfSurveys([samplesA.bulk, samplesB.bulk], pointCounts),
    aligned: frameOfSurveys([samplesA.bulk, alignedBulk], pointCounts),
  }
  const columns = mayHaveColours ? 3 : 0
  const inTiles = sum(dealt.flatMap(({ counts }) => counts))
  const spacing = progress.begin('Compare_Clouds', { part: 'spacing', total: inTiles, unit: 'points' })
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
            readPlaces(await localFile(shared.path(pointsName(epoch, tile))), { columns }, signal, isWanted),
          onTile: (tile) => spacing.advance(dealt[epoch]!.counts[tile]!),
        }),
    ),
  )) as [number, number]
  const spacings: Whole['spacings'] = [spacingA, spacingB]
  const alignedShift = moveBack(copyOf(samplesB.shift), shift)
  const density = densityRatios(samplesA.shift, alignedShift, { spacings, pointCounts })
  const asked = chooseThresholds(options, { spacingA, spacingB })
  const suggested = suggestedLinkDistance(...spacings)
  const linkDistance = suggested > 0 ? suggested : asked.high
  const cellSize = cellInLinkDistances * linkDistance
  // Sampled too roughly, the surveys are dealt out once more.
  const leastHalo =
    Math.max(reachInCells * cellSize, withColours ? colourReachInCells * linkDistance : 0) +
    Math.hypot(shift[0], shift[1])
  if (plan.tiles.bounds.length > 1 && !(plan.halo > leastHalo)) {
    plan.halo = 4 * leastHalo
    dealt = await inTurn(dealing(inOne('dealAgain')))
  }
  const whole: Whole = {
    ...{
      pointCounts,
      spacings,
      densityRatios: density,
      frames,
      cellSize,
      linkDistance,
      shift,
      isAligned,
      motion,
      columns,
    },
    origin: frames.aligned.centre,
    first: [samplesA.bulk.x[0]!, samplesA.bulk.y[0]!, samplesA.bulk.z[0]!],
    shiftDeviation: knownDeviation(registered?.largestDeviation ?? found?.deviation, roughness),
    isDistanceAsked: names.some((epoch) => isSegmented(epoch, Object.keys(outputs))),
    ...(areThresholdsAsked(options) && { thresholds: asked }),
    ...(withColours && { colourSteps: [stepOf(dealt[0]!), stepOf(dealt[1]!)] }),
    ...tilesOf(plan, dealt),
  }
  await writeWhole(shared.path(wholeName), whole)
  const tiles = plan.tiles.bounds.map((_, number) => tileOf(whole, number, dealt, threads))
  const planned = await planChangeDetection({
    inputs: { modelA: a.files, modelB: b.files },
    outputs: Object.keys(outputs),
    threads,
    options,
  })
  const writing = planned.filter(({ step }) => step === 'Write_Results')
  const merging = partsOfMerge(count, tiles.length, options)
  return { tiles, mergeSeconds: secondsOf([...merging, ...writing]) }

  /** The motion of the later survey, where it is asked for: of samples of their own, read before all else. */
  async function register(): Promise<Registration | undefined> {
    const model = registrationAsked(options)
    if (model === undefined) return undefined
    const [ofA, ofB] = await inTurn(
      clouds.map(
        (cloud) => () =>
          sampleSurvey(cloud, registrationStride(cloud.pointCount), { ...reading, onFile: inFiles(cloud) }),
      ),
    )
    return seekRegistration(ofA!, ofB!, model, { progress, signal })
  }
}

type Samples = DealtSurvey['samples']

/** What makes 16 bits of the colours of a survey: many programs write 8 where 16 belong. */
function stepOf({ largestColour }: DealtSurvey): number {
  return largestColour < 256 ? sixteenBitStep : 1
}

function tilesOf({ tiles, halo }: TilePlan, dealt: readonly DealtSurvey[]) {
  return {
    ...{ tiles: tiles.bounds, halo },
    boxes: [dealt[0]!.boxes, dealt[1]!.boxes] satisfies Whole['boxes'],
  }
}

async function inTurn<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  for (const task of tasks) results.push(await task())
  return results
}

function tileOf(whole: Whole, number: number, dealt: readonly DealtSurvey[], threads: number) {
  const points = sum(dealt.map(({ counts }) => counts[number]!))
  const facts: TileFacts = { number, points, ...workOf(whole) }
  const tile: Tile = {
    name: `tile ${number + 1} of ${whole.tiles.length}`,
    files: [wholeName, ...epochs.map((epoch) => pointsName(epoch, number))],
    inputs: {},
    seconds: secondsOf(partsOf(facts, threads)),
    facts: { ...facts },
  }
  return { ...tile, memoryMegabytes: memoryOfTile(facts) }
}
