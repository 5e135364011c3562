// The points of one survey dealt out to tiles, with the samples that answer what all tiles have to know.
import {
  bulkStride,
  movePoints,
  type PointArrays,
  type RigidMotion,
  spacingStride,
  surveyShiftStride,
} from '@alidade/analysis'
import { decodeRgb, type LasHeader, type PointBatch, readPointBatches } from '@alidade/formats'
import type { WorkFolder } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { asJobError } from '../../point-clouds/format-faults.ts'
import { decoded, PointDeal, type Reading, type TilePlan } from '../../point-clouds/tiles/partition.ts'
import { pointsName } from './whole.ts'

/** Every so manieth point of a survey, for each question that a sample answers. */
export interface SurveySamples {
  bulk: PointArrays
  shift: PointArrays
  spacing: PointArrays
}

export interface DealtSurvey {
  samples: SurveySamples
  /** Of each tile, around the points in it. */
  boxes: number[][]
  /** Of each tile, with those around it. */
  counts: number[]
  /** The largest number in its colours, 0 where they are left out. */
  largestColour: number
}

export interface SurveyReading extends Reading {
  onFile: (file: number) => (points: number) => void
}

export interface Dealing extends SurveyReading {
  shared: WorkFolder
  /** Brings the survey to where it is compared. */
  motion?: RigidMotion | undefined
  withColours: boolean
}

/** Writes the files of all tiles for one survey. */
export async function dealOut(
  cloud: Cloud,
  epoch: 0 | 1,
  plan: TilePlan,
  { shared, motion, withColours, ...reading }: Dealing,
): Promise<DealtSurvey> {
  const samplers = {
    bulk: new Sampler(bulkStride(cloud.pointCount)),
    shift: new Sampler(surveyShiftStride(cloud.pointCount)),
    spacing: new Sampler(spacingStride(cloud.pointCount)),
  }
  let largestColour = 0
  const pathOf = (tile: number) => shared.path(pointsName(epoch, tile))
  const deal = await PointDeal.begin(plan, pathOf, withColours ? 3 : 0)
  try {
    await readSurvey(cloud, reading, async (batch, header, from) => {
      const points = decoded(batch, header)
      if (motion !== undefined) movePoints(points, motion)
      for (const sampler of Object.values(samplers)) sampler.add(points, from)
      const colours = withColours ? coloursOf(batch, header) : undefined
      for (const column of colours ?? [])
        for (let i = 0; i < column.length; i++) if (column[i]! > largestColour) largestColour = column[i]!
      await deal.add(points, batch.count, from, colours)
    })
  } finally {
    await deal.close()
  }
  const samples = {
    bulk: samplers.bulk.points(),
    shift: samplers.shift.points(),
    spacing: samplers.spacing.points(),
  }
  return { samples, boxes: deal.boxes, counts: deal.counts, largestColour }
}

/** Every `stride`th point of a survey, from one pass over its files. */
export async function sampleSurvey(
  cloud: Cloud,
  stride: number,
  reading: SurveyReading,
): Promise<PointArrays> {
  const sampler = new Sampler(stride)
  await readSurvey(cloud, reading, async (batch, header, from) => sampler.add(decoded(batch, header), from))
  return sampler.points()
}

/** `take` gets the number of the first point of each batch in the survey. */
async function readSurvey(
  cloud: Cloud,
  { signal, threads, onFile }: SurveyReading,
  take: (batch: PointBatch, header: LasHeader, first: number) => Promise<void>,
): Promise<void> {
  let first = 0
  for (const [file, { source, name }] of cloud.files.entries()) {
    const header = cloud.headers[file]!
    const onRead = onFile(file)
    try {
      for await (const batch of readPointBatches(source, header, { signal, threads })) {
        await take(batch, header, first + batch.firstIndex)
        onRead(batch.count)
      }
    } catch (error) {
      throw asJobError(error, cloud.input, name)
    }
    first += header.pointCount
  }
}

/** Red, green and blue in columns of their own: 32 bits of a fraction hold all whole numbers of 16. */
function coloursOf(batch: PointBatch, header: LasHeader): Float32Array[] {
  const rgb = new Uint16Array(3 * batch.count)
  decodeRgb(batch, header, rgb, 0)
  return [0, 1, 2].map((band) => Float32Array.from({ length: batch.count }, (_, i) => rgb[3 * i + band]!))
}

/** Every so manieth point by its number. */
class Sampler {
  readonly #stride: number
  readonly #columns: [number[], number[], number[]] = [[], [], []]

  constructor(stride: number) {
    this.#stride = stride
  }

  /** `from`: the number of the first one. */
  add({ x, y, z }: PointArrays, from: number): void {
    const first = (this.#stride - (from % this.#stride)) % this.#stride
    for (let i = first; i < x.length; i += this.#stride) {
      this.#columns[0].push(x[i]!)
      this.#columns[1].push(y[i]!)
      this.#columns[2].push(z[i]!)
    }
  }

  points(): PointArrays {
    const [x, y, z] = this.#columns
    return { x: Float64Array.from(x), y: Float64Array.from(y), z: Float64Array.from(z) }
  }
}
