// Objects, lines and polygons of the classes that a model gave. They are made of the first point of each voxel, which is what the
// model was shown, with the label that it is surest of; and after results are written: labels are final then only, and points are read
// there anyway.
import type { GroundSurface, PlanRegion, PointArrays } from '@alidade/analysis'
import type { JobContext, Progress } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import type { PointDeal } from '../../point-clouds/tiles/partition.ts'
import { ClassPoints } from '../from-classes/class-points.ts'
import { emptyOutputs } from '../from-classes/given-faults.ts'
import { makeVectors } from '../from-classes/make-vectors.ts'
import { NearPoints } from '../from-classes/near-points.ts'
import { askedVectors, isOfWhole, type VectorClasses, vectorClasses } from '../from-classes/vector-classes.ts'
import type { MadeVectors } from '../write-found.ts'
import type { FoundLabels, LabelSource } from './labelled-batches.ts'
import type { Step } from './plan.ts'
import type { PointModel } from './point-model.ts'

export interface ModelPointsOptions {
  model: PointModel
  /** Gets what is made of what is near; absent: all is kept in memory. */
  deal?: PointDeal
}

/** What vectors are made of. */
export class ModelPoints {
  readonly points: ClassPoints
  readonly #classes: VectorClasses
  /** Class codes by label. */
  readonly #codes: number[]
  readonly #deal: PointDeal | undefined
  readonly #near = new NearPoints({ withConfidence: true })
  #looked = 0

  constructor(
    cloud: Cloud,
    { outputs, memoryLimitMegabytes }: Pick<JobContext, 'outputs' | 'memoryLimitMegabytes'>,
    { model, deal }: ModelPointsOptions,
  ) {
    this.#classes = vectorClasses(
      model.labels.map(({ classification, name, object, contour, line }) => {
        return { code: classification, name, object, contour, line }
      }),
    )
    this.#codes = model.labels.map(({ classification }) => classification)
    this.#deal = deal
    this.points = new ClassPoints(cloud, {
      ...{ classes: this.#classes, outputs: askedVectors(Object.keys(outputs)), memoryLimitMegabytes },
      ...{ withConfidence: true, ...(deal && { isKept: isOfWhole }) },
    })
  }

  /** The same labels; points are gathered as theirs are taken. */
  gathering(labels: LabelSource): LabelSource {
    return {
      take: async (places, count) => {
        const found = await labels.take(places, count)
        await this.#gather(places, count, found)
        return found
      },
    }
  }

  /** Tells which outputs come out empty. */
  warnOfEmpty(cloud: Cloud, { outputs, warn }: Pick<JobContext, 'outputs' | 'warn'>): void {
    const about = { samples: this.points, input: cloud.input }
    for (const warning of emptyOutputs(this.#classes, Object.keys(outputs), about)) warn(warning)
  }

  async #gather({ x, y, z }: PointArrays, count: number, found: FoundLabels): Promise<void> {
    const { points } = this
    const [codes, near, deal] = [this.#codes, this.#near, this.#deal]
    near.begin(count)
    for (let i = 0; i < count; i++) {
      if (found.isFirst[i] !== 1) continue
      const [code, confidence] = [codes[found.labels[i]!]!, found.confidences[i]!]
      points.add(code, x[i]!, y[i]!, z[i]!, confidence)
      if (deal !== undefined && points.isOfNear(code)) near.add(code, x[i]!, y[i]!, z[i]!, confidence)
    }
    points.requireRoom()
    await deal?.add(near.places, near.count, this.#looked, near.columns)
    this.#looked += count
  }
}

/** Of points that are all in memory. */
export async function modelVectors(
  { points: { samples, makings, place } }: ModelPoints,
  context: JobContext<Step>,
  of: { surface: GroundSurface; region: PlanRegion | undefined },
): Promise<MadeVectors> {
  const progress = whileWriting(context.progress)
  return makeVectors(samples, makings, { ...context, ...of, place, progress })
}

/** What is counted as a part of classifying elsewhere comes after files here. */
export function whileWriting(progress: Progress<Step>): Progress<'Classify_Points'> {
  return { begin: (_, work) => progress.begin('Write_Results', work) }
}
