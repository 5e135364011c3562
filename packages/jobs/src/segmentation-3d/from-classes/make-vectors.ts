// Objects, lines and polygons of samples whose classes are known, whoever found them.
import {
  areaCell,
  areaPasses,
  classAreas,
  crownOptions,
  eachOutline,
  givenLines,
  type GroundSurface,
  heightsAboveGround,
  linkedSamples,
  orientedBox,
  type OrientedBox,
  pacedTreeCrowns,
  type PlanRegion,
  type PointArrays,
  type SamplesOfClass,
  type SeenGround,
  segmentClass,
  segmentOptions,
  type SegmentOptions,
  type BuildingOutline,
} from '@alidade/analysis'
import type { Vector3 } from '@alidade/formats'
import type { JobContext, Progress } from '../../job-type.ts'
import { about, groupsOf, meanOf } from '../found-vectors.ts'
import type { AreasInTile } from '../tiles/found-in-tile.ts'
import type { MadeVectors } from '../write-found.ts'
import { partAreas, shareOf } from './cut-areas.ts'
import { SampleCount } from './sample-count.ts'
import { type Makings, vegetation, type VectorClasses } from './vector-classes.ts'

/** What is the same wherever in a place vectors are made. */
export interface ClassPlace {
  classes: VectorClasses
  unitsPerMetre: number
  /** Below all points. */
  origin: readonly number[]
  /** Of the samples of classes, as far as it counts. */
  spacings: ReadonlyMap<number, number>
  /** Of all points of vegetation that is made into objects or polygons. */
  lowestVegetation: number
  seenGround: SeenGround
}

export interface MakeVectorsOptions extends Pick<JobContext, 'options' | 'signal' | 'threads'> {
  place: ClassPlace
  /** Undefined where no crowns are made. */
  surface: GroundSurface | undefined
  /** What has its middle elsewhere is left out. */
  region: PlanRegion | undefined
  progress: Progress<'Classify_Points'>
  /** Of a tile: what lies in it. */
  isIn?: (x: number, y: number) => boolean
}

/** Samples that are handed over class by class. */
export interface SamplesByClass {
  countOf(code: number): number
  take(codes: readonly number[]): SamplesOfClass
}

export interface VectorsOfPlace extends MadeVectors {
  /** By code: what a tile has of areas that its edge cuts through. */
  cut: Map<number, AreasInTile[]>
}

export const vectorsPart = 'vectors'
/** Samples are counted so often: of areas, of crowns, of poles, and of lines, whose surroundings are measured. */
export const passes = { areas: areaPasses + 1, crowns: 4, poles: 2, lines: 30 }
const measuringPasses = 25
/** Fewer samples are no object: a box around three points says nothing. Of a pole there are seldom many. */
export const fewestSamples = 8
const fewestOfPole = 5
/** Vertices of a line are about so far apart. */
const stepMetres = 5
/** Between two looks at the signal. */
const groupsAtATime = 64

/** Takes the samples out of `samples`. */
export async function makeVectors(
  samples: SamplesByClass,
  makings: ReadonlyMap<number, Makings>,
  options: MakeVectorsOptions,
): Promise<VectorsOfPlace> {
  const codes = [...makings.keys()]
  const total = codes.reduce((sum, code) => sum + samples.countOf(code) * passesOf(makings.get(code)!), 0)
  const counting = options.progress.begin('Classify_Points', { part: vectorsPart, total, unit: 'samples' })
  const making = new Making(samples, makings, options, new SampleCount(counting, options.signal))
  for (const code of codes.filter((code) => !vegetation.includes(code)))
    await making.ofClass(code, samples.take([code]))
  await making.ofVegetation(codes.filter((code) => vegetation.includes(code)))
  return making.made
}

function passesOf({ boxes, outlines, crowns, poles, lines }: Makings): number {
  return (
    (boxes || outlines ? passes.areas : 0) +
    (crowns ? passes.crowns : 0) +
    (poles ? passes.poles : 0) +
    (lines ? passes.lines : 0)
  )
}

/** The edge of a cell of the areas of a class. */
export function cellOfAreas(code: number, { spacings, unitsPerMetre }: ClassPlace): number {
  const areBuildings = code === segmentClass.building
  return areaCell({ areBuildings, segment: segmentOptions(unitsPerMetre), spacing: spacings.get(code) ?? 0 })
}

export function objectOf(code: number, box: OrientedBox, confidence: number | undefined, of: VectorClasses) {
  return { ...about(code, confidence, [...box.center, ...box.size], of.get(code)!.name), box }
}

/** Level, at the height of the outline. */
export function polygonOf(
  code: number,
  { outer, inner, height }: BuildingOutline,
  confidence: number | undefined,
  of: VectorClasses,
) {
  const level = (ring: typeof outer) => ring.map(([x, y]): Vector3 => [x, y, height])
  const found = about(code, confidence, outer.flat(), of.get(code)!.name)
  return { ...found, outer: level(outer), inner: inner.map(level) }
}

/** Whether the middle of a ring is in the region. */
export function isRingWithin(outer: readonly (readonly number[])[], region: PlanRegion | undefined): boolean {
  const [x, y] = [0, 1].map((axis) => outer.reduce((sum, at) => sum + at[axis]! / outer.length, 0))
  return region === undefined || region.contains(x!, y!)
}

class Making {
  readonly made: VectorsOfPlace = { objects3D: [], lines3D: [], polygons3D: [], cut: new Map() }
  readonly #samples: SamplesByClass
  readonly #makings: ReadonlyMap<number, Makings>
  readonly #options: MakeVectorsOptions
  readonly #segment: SegmentOptions
  readonly #count: SampleCount

  constructor(
    samples: SamplesByClass,
    makings: ReadonlyMap<number, Makings>,
    options: MakeVectorsOptions,
    count: SampleCount,
  ) {
    this.#samples = samples
    this.#makings = makings
    this.#options = options
    this.#segment = segmentOptions(options.place.unitsPerMetre)
    this.#count = count
  }

  async ofClass(code: number, samples: SamplesOfClass): Promise<void> {
    const makings = this.#makings.get(code)!
    if (makings.poles) await this.#poles(code, samples)
    if (makings.boxes || makings.outlines) await this.#areas(code, samples, makings)
    if (makings.lines) await this.#lines(code, samples)
  }

  /** Trees are of several classes where these are told by height. */
  async ofVegetation(codes: readonly number[]): Promise<void> {
    const isCanopy = (code: number) => this.#makings.get(code)!.crowns
    const canopy = codes.filter(isCanopy)
    for (const code of codes.filter((one) => !isCanopy(one)))
      await this.ofClass(code, this.#samples.take([code]))
    const counts = canopy.map((code) => this.#samples.countOf(code))
    const all = this.#samples.take(canopy)
    let from = 0
    for (const [k, code] of canopy.entries()) {
      const to = from + counts[k]!
      const { outlines, lines } = this.#makings.get(code)!
      const own = () => ({
        points: part(all.points, from, to),
        confidence: all.confidence?.subarray(from, to),
      })
      if (outlines || lines) await this.ofClass(code, own())
      from = to
    }
    await this.#crowns(canopy, counts, all)
  }

  async #crowns(codes: readonly number[], counts: readonly number[], all: SamplesOfClass): Promise<void> {
    const { place, isIn } = this.#options
    const { points } = all
    const { pace, end } = this.#count.of(points.x.length, passes.crowns)
    const heights = this.#heights(points)
    await pace(heights.length)
    const isCrown = new Uint8Array(heights.length).fill(1)
    const crowns = await pacedTreeCrowns(pace, points, heights, isCrown, crownOptions(place.unitsPerMetre))
    await pace(heights.length)
    const firsts = codes.map((_, k) => counts.slice(0, k).reduce((sum, count) => sum + count, 0))
    const shareOfClass = (of: number[], k: number) =>
      of.filter((sample) => sample >= firsts[k]! && sample < firsts[k]! + counts[k]!).length
    let looked = 0
    for (const [k, of] of groupsOf(crowns).entries()) {
      looked += of.length
      if (k % groupsAtATime === 0) {
        await pace(looked)
        looked = 0
      }
      if (of.length < fewestSamples) continue
      const apex = of.reduce((top, i) => (heights[i]! > heights[top]! ? i : top))
      if (isIn !== undefined && !isIn(points.x[apex]!, points.y[apex]!)) continue
      const shares = codes.map((_, k) => shareOfClass(of, k))
      this.#object(codes[shares.indexOf(Math.max(...shares))]!, all, of)
    }
    end()
  }

  /** Above the ground; above the lowest of all vegetation where no ground is near. */
  #heights(points: PointArrays): Float32Array {
    const { surface, place } = this.#options
    const above = (i: number) => points.z[i]! - place.lowestVegetation
    if (surface === undefined) return Float32Array.from(points.z, (_, i) => above(i))
    return heightsAboveGround(surface, points).map((height, i) => (Number.isNaN(height) ? above(i) : height))
  }

  async #poles(code: number, samples: SamplesOfClass): Promise<void> {
    const { pace, end } = this.#count.of(samples.points.x.length, passes.poles)
    const link = this.#segment.poleSurroundings / 2
    const linked = await linkedSamples(samples.points, { link, inPlan: true, pace })
    for (const of of linked) if (of.length >= fewestOfPole) this.#object(code, samples, of)
    end()
  }

  async #areas(
    code: number,
    samples: SamplesOfClass,
    { boxes, outlines }: Pick<Makings, 'boxes' | 'outlines'>,
  ): Promise<void> {
    const { region, isIn, place } = this.#options
    const { seenGround, classes, spacings } = place
    const { points, confidence } = samples
    const { pace, end } = this.#count.of(points.x.length, passes.areas)
    const given = {
      ...{
        areBuildings: code === segmentClass.building,
        segment: this.#segment,
        seenGround,
        fewestSamples,
        pace,
      },
      spacing: spacings.get(code) ?? 0,
    }
    for await (const all of classAreas(points, given)) {
      const { whole, cut } = isIn === undefined ? { whole: all, cut: undefined } : partAreas(all, isIn)
      if (boxes) for (const of of whole.samples) this.#object(code, samples, of)
      let looked = 0
      for (const outline of outlines ? eachOutline(whole.areas) : []) {
        const of = whole.samples[outline.building - 1]!
        looked += of.length
        if (outline.building % groupsAtATime === 0) {
          await pace(looked)
          looked = 0
        }
        if (!isRingWithin(outline.outer, region)) continue
        this.made.polygons3D.push(polygonOf(code, outline, confidence && meanOf(confidence, of), classes))
      }
      if (isIn !== undefined && cut !== undefined && cut.areas.buildings > 0)
        this.#cut(code, await shareOf(cut, samples, isIn, pace))
      await pace(looked)
    }
    end()
  }

  #cut(code: number, share: AreasInTile): void {
    const shares = this.made.cut.get(code)
    if (shares === undefined) this.made.cut.set(code, [share])
    else shares.push(share)
  }

  async #lines(code: number, { points, confidence }: SamplesOfClass): Promise<void> {
    const { options, region, threads, signal, place } = this.#options
    const { classes, unitsPerMetre, spacings } = place
    const count = points.x.length
    if (count === 0) return
    const { pace, end, tell } = this.#count.of(count, passes.lines)
    const leastLength = Number(options.removeSmallLines ?? 0)
    const withWidth = options.computeLineWidth === true
    for (const { samples, ...line } of await givenLines(points, {
      ...{ segment: this.#segment, spacing: spacings.get(code) ?? 0, step: stepMetres * unitsPerMetre },
      ...{ withWidth, threads, signal, pace },
      onMeasured: (measured) => tell(measuringPasses * measured),
    })) {
      const [x, y] = line.vertices[line.vertices.length >> 1]!
      if (line.length < leastLength || (region !== undefined && !region.contains(x, y))) continue
      const sure = confidence && meanOf(confidence, samples)
      this.made.lines3D.push({ ...about(code, sure, line.vertices.flat(), classes.get(code)!.name), ...line })
    }
    end()
  }

  #object(code: number, { points, confidence }: SamplesOfClass, of: ArrayLike<number>): void {
    const { region, place } = this.#options
    const box = orientedBox(points, of)
    if (region !== undefined && !region.contains(box.center[0], box.center[1])) return
    this.made.objects3D.push(objectOf(code, box, confidence && meanOf(confidence, of), place.classes))
  }
}

function part({ x, y, z }: PointArrays, from: number, to: number): PointArrays {
  return { x: sharedPart(x, from, to), y: sharedPart(y, from, to), z: sharedPart(z, from, to) }
}

/** Threads take columns that are the whole of their memory. */
function sharedPart(values: Float64Array, from: number, to: number): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(8 * (to - from)))
  copy.set(values.subarray(from, to))
  return copy
}
