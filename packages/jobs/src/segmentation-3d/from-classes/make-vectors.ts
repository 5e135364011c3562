// Objects, lines and polygons of samples whose classes are known, whoever found them.
import {
  classAreas,
  crownOptions,
  eachOutline,
  givenLines,
  type GroundSurface,
  heightsAboveGround,
  linkedSamples,
  orientedBox,
  pacedTreeCrowns,
  type Pace,
  type PlanRegion,
  type PointArrays,
  type SamplesOfClass,
  segmentClass,
} from '@alidade/analysis'
import type { Vector3 } from '@alidade/formats'
import type { JobContext, Progress } from '../../job-type.ts'
import { about, groupsOf, meanOf } from '../found-vectors.ts'
import type { MadeVectors } from '../write-found.ts'
import type { ClassPoints } from './class-points.ts'
import { codesFor, vegetation } from './vector-classes.ts'

export interface MakeVectorsOptions extends Pick<JobContext, 'options' | 'signal' | 'threads'> {
  surface: GroundSurface
  /** What has its middle elsewhere is left out. */
  region: PlanRegion | undefined
  progress: Progress<'Classify_Points'>
}

export const vectorsPart = 'vectors'
/** Samples of lines are counted so often: their surroundings are measured. */
export const passesOfLines = 6
/** Fewer samples are no object: a box around three points says nothing. Of a pole there are seldom many. */
const [fewestSamples, fewestOfPole] = [8, 5]
/** Vertices of a line are about so far apart. */
const stepMetres = 5
/** Between two looks at the signal. */
const groupsAtATime = 64

/** Takes the samples out of `points`. */
export async function makeVectors(points: ClassPoints, options: MakeVectorsOptions): Promise<MadeVectors> {
  const { samples, classes, outputs } = points
  const { signal, progress } = options
  const codes = codesFor(classes, outputs)
  const isLine = (code: number) => outputs.includes('lines3D') && classes.get(code)!.line
  const total = codes.reduce(
    (sum, code) => sum + samples.countOf(code) * (1 + (isLine(code) ? passesOfLines : 0)),
    0,
  )
  const counting = progress.begin('Classify_Points', { part: vectorsPart, total, unit: 'samples' })
  const pace: Pace = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const making = new Making(points, { ...options, pace, advance: (count) => counting.advance(count) })
  for (const code of codes.filter((code) => !vegetation.includes(code)))
    await making.ofClass(code, samples.take([code]))
  await making.ofVegetation(codes.filter((code) => vegetation.includes(code)))
  return making.made
}

class Making {
  readonly made: MadeVectors = { objects3D: [], lines3D: [], polygons3D: [] }
  readonly #points: ClassPoints
  readonly #options: MakeVectorsOptions & { pace: Pace; advance: (count: number) => void }

  constructor(
    points: ClassPoints,
    options: MakeVectorsOptions & { pace: Pace; advance: (count: number) => void },
  ) {
    this.#points = points
    this.#options = options
  }

  async ofClass(code: number, samples: SamplesOfClass): Promise<void> {
    const { classes, outputs } = this.#points
    const { object, contour, line } = classes.get(code)!
    if (samples.points.x.length === 0) return
    const wantsObjects = object && outputs.includes('objects3D')
    if (wantsObjects && code === segmentClass.pole) await this.#poles(samples)
    const wantsAreas = wantsObjects && code !== segmentClass.pole
    const wantsPolygons = contour && outputs.includes('polygons3D')
    if (wantsAreas || wantsPolygons) await this.#areas(code, samples, wantsAreas, wantsPolygons)
    if (line && outputs.includes('lines3D')) await this.#lines(code, samples)
    this.#options.advance(samples.points.x.length)
  }

  /** Trees are of several classes where these are told by height. */
  async ofVegetation(codes: readonly number[]): Promise<void> {
    const { classes, outputs, samples, unitsPerMetre } = this.#points
    const areObjects = (code: number) => classes.get(code)!.object && outputs.includes('objects3D')
    const canopy = codes.filter(areObjects)
    for (const code of codes.filter((one) => !areObjects(one))) await this.ofClass(code, samples.take([code]))
    const counts = canopy.map((code) => samples.countOf(code))
    const { points, confidence } = samples.take(canopy)
    let from = 0
    for (const [k, code] of canopy.entries()) {
      const to = from + counts[k]!
      const { contour, line } = classes.get(code)!
      const own = { points: part(points, from, to), confidence: confidence?.subarray(from, to) }
      if (own.points.x.length > 0 && contour && outputs.includes('polygons3D'))
        await this.#areas(code, own, false, true)
      if (own.points.x.length > 0 && line && outputs.includes('lines3D')) await this.#lines(code, own)
      from = to
    }
    const heights = this.#heights(points)
    await this.#options.pace(0)
    const all = new Uint8Array(heights.length).fill(1)
    const { pace } = this.#options
    const crowns = await pacedTreeCrowns(pace, points, heights, all, crownOptions(unitsPerMetre))
    const firsts = canopy.map((_, k) => counts.slice(0, k).reduce((sum, count) => sum + count, 0))
    const shareOf = (of: number[], k: number) =>
      of.filter((sample) => sample >= firsts[k]! && sample < firsts[k]! + counts[k]!).length
    for (const [k, of] of groupsOf(crowns).entries()) {
      if (k % groupsAtATime === 0) await pace(0)
      if (of.length < fewestSamples) continue
      const shares = canopy.map((_, k) => shareOf(of, k))
      this.#object(canopy[shares.indexOf(Math.max(...shares))]!, { points, confidence }, of)
    }
    this.#options.advance(heights.length)
  }

  /** Above the ground; above the lowest of them where no ground is near. */
  #heights(points: PointArrays): Float32Array {
    let low = Infinity
    for (const z of points.z) low = Math.min(low, z)
    return heightsAboveGround(this.#options.surface, points).map((height, i) =>
      Number.isNaN(height) ? points.z[i]! - low : height,
    )
  }

  async #poles(samples: SamplesOfClass): Promise<void> {
    const { segment } = this.#points
    const { pace } = this.#options
    const link = segment.poleSurroundings / 2
    const linked = await linkedSamples(samples.points, { link, inPlan: true, pace })
    for (const of of linked) if (of.length >= fewestOfPole) this.#object(segmentClass.pole, samples, of)
  }

  async #areas(
    code: number,
    samples: SamplesOfClass,
    asObjects: boolean,
    asPolygons: boolean,
  ): Promise<void> {
    const { segment, seenGround, classes } = this.#points
    const { region, pace } = this.#options
    const { points, confidence } = samples
    const areBuildings = code === segmentClass.building
    const given = { areBuildings, segment, seenGround, fewestSamples, pace }
    for await (const { areas, samples: groups } of classAreas(points, given)) {
      if (asObjects) for (const of of groups) this.#object(code, samples, of)
      if (!asPolygons) continue
      for (const { building, outer, inner, height } of eachOutline(areas)) {
        if (building % groupsAtATime === 0) await pace(0)
        const [mx, my] = [0, 1].map((axis) => outer.reduce((sum, at) => sum + at[axis]! / outer.length, 0))
        if (region !== undefined && !region.contains(mx!, my!)) continue
        const level = (ring: typeof outer) => ring.map(([x, y]): Vector3 => [x, y, height])
        const sure = confidence && meanOf(confidence, groups[building - 1]!)
        const found = about(code, sure, outer.flat(), classes.get(code)!.name)
        this.made.polygons3D.push({ ...found, outer: level(outer), inner: inner.map(level) })
      }
    }
  }

  async #lines(code: number, { points, confidence }: SamplesOfClass): Promise<void> {
    const { segment, unitsPerMetre, classes } = this.#points
    const { options, region, threads, signal, pace, advance } = this.#options
    const leastLength = Number(options.removeSmallLines ?? 0)
    const withWidth = options.computeLineWidth === true
    const step = stepMetres * unitsPerMetre
    for (const { samples, ...line } of await givenLines(points, {
      ...{ segment, step, withWidth, threads, signal, pace },
      onMeasured: (count) => advance(passesOfLines * count),
    })) {
      const [x, y] = line.vertices[line.vertices.length >> 1]!
      if (line.length < leastLength || (region !== undefined && !region.contains(x, y))) continue
      const sure = confidence && meanOf(confidence, samples)
      this.made.lines3D.push({ ...about(code, sure, line.vertices.flat(), classes.get(code)!.name), ...line })
    }
  }

  #object(code: number, { points, confidence }: SamplesOfClass, of: ArrayLike<number>): void {
    const { region } = this.#options
    const box = orientedBox(points, of)
    if (region !== undefined && !region.contains(box.center[0], box.center[1])) return
    const sure = confidence && meanOf(confidence, of)
    const found = about(code, sure, [...box.center, ...box.size], this.#points.classes.get(code)!.name)
    this.made.objects3D.push({ ...found, box })
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
