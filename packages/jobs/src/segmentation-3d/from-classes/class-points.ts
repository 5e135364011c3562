// The points of a cloud that vectors are made of, thinned by class as they are read, and where its ground is seen.
import {
  ClassSamples,
  ClassSpacings,
  gatheredBytesPerSample,
  groundClass,
  type PointArrays,
  SeenGround,
  segmentOptions,
} from '@alidade/analysis'
import { classificationField, type LasHeader, type PointBatch } from '@alidade/formats'
import { bytesPerCell } from '../../extract-ground/kept-records.ts'
import { boundsOfHeaders, optionsIn, rasterPlan } from '../../extract-ground/raster-plan.ts'
import { JobError } from '../../job-error.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import type { ClassPlace } from './make-vectors.ts'
import {
  isOfNear,
  type Makings,
  makingsOf,
  vegetation,
  type VectorClasses,
  type VectorOutput,
} from './vector-classes.ts'

/** While vectors are made: coordinates, and what areas, crowns and neighbours take of each sample. */
const madeBytesPerSample = 60
export const bytesPerSample = Math.max(gatheredBytesPerSample, madeBytesPerSample) + madeBytesPerSample / 2
/** Of classes, in LAS. */
const codes = 256
/** Of a process that decodes. */
const otherBytes = 400e6

/** How many samples there is room for beside what else is held. */
export function mostSamples(memoryLimitMegabytes: number | undefined, besideBytes: number): number {
  const left = (memoryLimitMegabytes ?? Infinity) * 1e6 - otherBytes - besideBytes
  return Math.min(2 ** 30, Math.max(1, left / bytesPerSample))
}

export interface ClassPointsOptions {
  classes: VectorClasses
  outputs: readonly VectorOutput[]
  memoryLimitMegabytes: number | undefined
  withConfidence?: boolean
  /** Of which classes samples are kept; default all that anything is made of. */
  isKept?: (makings: Makings) => boolean
}

export class ClassPoints {
  readonly samples: ClassSamples
  readonly makings: ReadonlyMap<number, Makings>
  /** As far as it is known before any point is. */
  readonly #place: Pick<ClassPlace, 'unitsPerMetre' | 'origin' | 'classes'>
  readonly #seenGround: SeenGround
  readonly #spacings: ClassSpacings
  readonly #mostSamples: number
  readonly #limit: number | undefined
  /** By code: whether anything is made of the class, and how many points it has. */
  readonly #isMade = new Uint8Array(codes)
  readonly #counts = new Float64Array(codes)
  #lowestVegetation = Infinity

  constructor(
    cloud: Cloud,
    {
      classes,
      outputs,
      memoryLimitMegabytes,
      withConfidence = false,
      isKept = () => true,
    }: ClassPointsOptions,
  ) {
    const crs = crsOfClouds(cloud)
    const { min, max } = boundsOfHeaders(cloud.headers)!
    const unitsPerMetre = 1 / (crs?.linearUnit.metres ?? 1)
    const segment = segmentOptions(unitsPerMetre)
    this.#place = { classes, unitsPerMetre, origin: [...min] }
    this.makings = makingsOf(classes, outputs)
    const codesWhere = (isWanted: (makings: Makings) => boolean) =>
      [...this.makings].flatMap(([code, makings]) => (isWanted(makings) ? [code] : []))
    this.samples = new ClassSamples({
      ...{ size: segment.sampleSize, origin: min, codes: codesWhere(isKept), withConfidence },
    })
    const hasSpacing = ({ lines, boxes, outlines }: Makings) => lines || boxes || outlines
    this.#spacings = new ClassSpacings(codesWhere(hasSpacing), min, segment)
    this.#seenGround = SeenGround.within(min, max, segment.footprintCell)
    for (const code of this.makings.keys()) this.#isMade[code] = 1
    this.#limit = memoryLimitMegabytes
    const { columns, rows } = rasterPlan({ min, max }, optionsIn(crs))
    this.#mostSamples = mostSamples(memoryLimitMegabytes, columns * rows * bytesPerCell)
  }

  add(code: number, x: number, y: number, z: number, confidence?: number): void {
    if (code === groundClass) this.#seenGround.add(x, y)
    if (this.#isMade[code] !== 1) return
    this.#counts[code]!++
    this.samples.add(code, x, y, z, confidence)
    this.#spacings.add(code, x, y, z)
    if (z < this.#lowestVegetation && vegetation.includes(code)) this.#lowestVegetation = z
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

  /** How many points a class has, of those that anything is made of. */
  countOf(code: number): number {
    return this.#counts[code] ?? 0
  }

  /** Whether what is made of the points of a class is made of what is near. */
  isOfNear(code: number): boolean {
    const makings = this.makings.get(code)
    return makings !== undefined && isOfNear(makings)
  }

  /** What is known of the place once all points are. */
  get place(): ClassPlace {
    const codes = [...this.makings.keys()]
    return {
      ...this.#place,
      spacings: new Map(codes.map((code) => [code, this.#spacings.of(code)])),
      lowestVegetation: Number.isFinite(this.#lowestVegetation) ? this.#lowestVegetation : 0,
      seenGround: this.#seenGround,
    }
  }
}
