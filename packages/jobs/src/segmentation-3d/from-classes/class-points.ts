// The points of a cloud that vectors are made of, thinned by class as they are read, and where its ground is seen.
import {
  ClassSamples,
  gatheredBytesPerSample,
  groundClass,
  type PointArrays,
  SeenGround,
  type SegmentOptions,
  segmentOptions,
} from '@alidade/analysis'
import { classificationField, type LasHeader, type PointBatch } from '@alidade/formats'
import { bytesPerCell } from '../../extract-ground/kept-records.ts'
import { boundsOfHeaders, optionsIn, rasterPlan } from '../../extract-ground/raster-plan.ts'
import { JobError } from '../../job-error.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import { codesFor, type VectorClasses, type VectorOutput } from './vector-classes.ts'

/** While vectors are made: coordinates, and what areas, crowns and neighbours take of each sample. */
const madeBytesPerSample = 60
export const bytesPerSample = Math.max(gatheredBytesPerSample, madeBytesPerSample) + madeBytesPerSample / 2
/** Of a process that decodes. */
const otherBytes = 400e6

export interface ClassPointsOptions {
  classes: VectorClasses
  outputs: readonly VectorOutput[]
  memoryLimitMegabytes: number | undefined
  withConfidence?: boolean
}

export class ClassPoints {
  readonly classes: VectorClasses
  readonly outputs: readonly VectorOutput[]
  readonly segment: SegmentOptions
  readonly unitsPerMetre: number
  readonly samples: ClassSamples
  readonly seenGround: SeenGround
  readonly #mostSamples: number
  readonly #limit: number | undefined

  constructor(
    cloud: Cloud,
    { classes, outputs, memoryLimitMegabytes, withConfidence = false }: ClassPointsOptions,
  ) {
    const crs = crsOfClouds(cloud)
    const { min, max } = boundsOfHeaders(cloud.headers)!
    this.classes = classes
    this.outputs = outputs
    this.unitsPerMetre = 1 / (crs?.linearUnit.metres ?? 1)
    this.segment = segmentOptions(this.unitsPerMetre)
    this.samples = new ClassSamples({
      ...{ size: this.segment.sampleSize, origin: min, codes: codesFor(classes, outputs), withConfidence },
    })
    this.seenGround = new SeenGround(min, max, this.segment.footprintCell)
    this.#limit = memoryLimitMegabytes
    const { columns, rows } = rasterPlan({ min, max }, optionsIn(crs))
    const left = (memoryLimitMegabytes ?? Infinity) * 1e6 - otherBytes - columns * rows * bytesPerCell
    this.#mostSamples = Math.min(2 ** 30, Math.max(1, left / bytesPerSample))
  }

  add(code: number, x: number, y: number, z: number, confidence?: number): void {
    if (code === groundClass) this.seenGround.add(x, y)
    this.samples.add(code, x, y, z, confidence)
  }

  /** JobError `OutOfMemory` before there are more samples than this machine may hold. */
  addBatch({ records, count }: PointBatch, header: LasHeader, { x, y, z }: PointArrays): void {
    const { offset, mask } = classificationField(header.pointFormat)
    for (let i = 0, at = offset; i < count; i++, at += header.pointRecordLength)
      this.add(records[at]! & mask, x[i]!, y[i]!, z[i]!)
    this.requireRoom()
  }

  requireRoom(): void {
    if (this.samples.count <= this.#mostSamples) return
    const limit = String(this.#limit ?? '?')
    throw new JobError('OutOfMemory', [limit, limit])
  }
}
