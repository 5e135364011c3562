// The points of one survey dealt out to tiles, with the samples that answer what all tiles have to know.
import { bulkStride, type PointArrays, spacingStride, surveyShiftStride } from '@alidade/analysis'
import { readPointBatches } from '@alidade/formats'
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
}

/** Writes the files of all tiles for one survey. */
export async function dealOut(
  cloud: Cloud,
  epoch: 0 | 1,
  plan: TilePlan,
  {
    shared,
    signal,
    threads,
    onFile,
  }: Reading & { shared: WorkFolder; onFile: (file: number) => (points: number) => void },
): Promise<DealtSurvey> {
  const samplers = {
    bulk: new Sampler(bulkStride(cloud.pointCount)),
    shift: new Sampler(surveyShiftStride(cloud.pointCount)),
    spacing: new Sampler(spacingStride(cloud.pointCount)),
  }
  const deal = await PointDeal.begin(plan, (tile) => shared.path(pointsName(epoch, tile)))
  try {
    let first = 0
    for (const [file, { source, name }] of cloud.files.entries()) {
      const header = cloud.headers[file]!
      const onRead = onFile(file)
      try {
        for await (const batch of readPointBatches(source, header, { signal, threads })) {
          const points = decoded(batch, header)
          const from = first + batch.firstIndex
          for (const sampler of Object.values(samplers)) sampler.add(points, from)
          await deal.add(points, batch.count, from)
          onRead(batch.count)
        }
      } catch (error) {
        throw asJobError(error, cloud.input, name)
      }
      first += header.pointCount
    }
  } finally {
    await deal.close()
  }
  const samples = {
    bulk: samplers.bulk.points(),
    shift: samplers.shift.points(),
    spacing: samplers.spacing.points(),
  }
  return { samples, boxes: deal.boxes, counts: deal.counts }
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
