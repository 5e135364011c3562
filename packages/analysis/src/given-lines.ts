/** Lines of samples whose class is given: straight rows as wires are, and graphs along what else is long. */
import { lineGraph } from './line-graph.ts'
import { linkedSamples } from './linked-samples.ts'
import type { Pace } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import { suggestedLinkDistance } from './point-spacing.ts'
import type { SegmentOptions } from './segment-options.ts'
import { measureShapes } from './segment-shapes.ts'
import { findWires } from './segment-wires.ts'
import { type WireLine, wireLine } from './wire-lines.ts'

export type GivenLinesOptions = {
  readonly segment: SegmentOptions
  /** Of all samples of the class (`ClassSpacings`). */
  readonly spacing: number
  /** About the distance between vertices. */
  readonly step: number
  readonly withWidth: boolean
  readonly threads: number
  readonly signal?: AbortSignal | undefined
  readonly pace: Pace
  /** Of how many more samples the surroundings are known. */
  readonly onMeasured: (samples: number) => void
}

export type GivenLine = WireLine & { readonly samples: Uint32Array }

export async function givenLines(points: PointArrays, options: GivenLinesOptions): Promise<GivenLine[]> {
  const { segment, step, withWidth, threads, signal, pace, onMeasured } = options
  const count = points.x.length
  const shapes = await measureShapes(points, {
    ...{ neighbours: segment.neighbours, reach: segment.neighbourReach, threads, signal },
    onAdvance: onMeasured,
  })
  const all = new Uint8Array(count).fill(1)
  // The class is given: how high a wire is has not to be asked.
  const heights = new Float32Array(count).fill(segment.wireHeight)
  const rows = await findWires(points, heights, all, shapes, segment, pace)
  const lines = rows.map(
    (row): GivenLine => ({ ...wireLine(points, row, step, withWidth), samples: row.samples }),
  )
  const isLeft = withoutRows(count, rows)
  const link = linkFor(options)
  for (const samples of await linkedSamples(points, { link, isTaken: isLeft, pace })) {
    const graph = lineGraph(points, samples, { step: Math.max(graphStepInLinks * link, step / 2), withWidth })
    if (graph !== undefined) lines.push({ ...graph, samples })
    await pace(0)
  }
  return lines
}

/** Of a graph: smaller cubes would have gaps between them. */
const graphStepInLinks = 1

/** Lines are thin: their samples lie farther from each other than those of surfaces, but gaps in them are no more than this. */
function linkFor({ spacing, segment: { sampleSize, wireLength } }: GivenLinesOptions): number {
  const link = suggestedLinkDistance(spacing) || 0
  return Math.min(wireLength / 5, Math.max(2 * sampleSize, link))
}

function withoutRows(count: number, rows: readonly { readonly samples: Uint32Array }[]): Uint8Array {
  const isLeft = new Uint8Array(count).fill(1)
  for (const { samples } of rows) for (const i of samples) isLeft[i] = 0
  return isLeft
}
