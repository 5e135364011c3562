// One tile: distances, absence and surfaces of the points in it, with the points around it as they are in the whole.
import {
  absenceRule,
  cellHash,
  colourDifferences,
  type CloudDistances,
  compareClouds,
  measureSurfaces,
  type MeasuredSurfaces,
  type PointArrays,
  sampledEvery,
} from '@alidade/analysis'
import { releaseMemory } from '../../release-memory.ts'
import { areaCell, paceOf } from '../find-changes.ts'
import { OccupiedCells } from '../surveyed-area.ts'
import { moveBack } from './find-whole.ts'
import { placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'
import { contains, type TileBounds, withinEdge } from '../../point-clouds/tiles/plan-tiles.ts'
import type { TileWork } from './tile-costs.ts'
import type { TilePoints } from './tile-points.ts'
import type { OwnPoints, TileResults } from './tile-results.ts'
import type { Whole } from './whole.ts'

export interface TileCounting {
  signal: AbortSignal
  threads: number
  /** Adds up to `partsOfTile`, one after the other. */
  onCompared(points: number): void
  onMeasured(points: number): void
}

/** What `workOnTile` counts of so many points, those around the tile as well. */
export function partsOfTile(points: number, { isTwofold, isByDistance, withColours }: TileWork) {
  return {
    compare: {
      index: points,
      distances: points,
      ...(isTwofold && { alignedIndex: points, alignedDistances: points }),
    },
    measure: {
      ...(!isByDistance && { cells: 4 * points, offsets: points }),
      ...(withColours && { colours: points }),
    },
  }
}

export function workOf({ isAligned, isDistanceAsked, thresholds, colourSteps }: Whole): TileWork {
  return {
    isTwofold: isAligned && isDistanceAsked,
    isByDistance: thresholds !== undefined,
    withColours: colourSteps !== undefined,
  }
}

/** Takes the points in and around the tile as they lie; those of the later survey are moved. */
export async function workOnTile(
  whole: Whole,
  tile: number,
  [a, b]: readonly [TilePoints, TilePoints],
  { signal, threads, onCompared, onMeasured }: TileCounting,
): Promise<TileResults> {
  const { isTwofold, isByDistance, withColours } = workOf(whole)
  const bounds = whole.tiles[tile]!
  const own = [ownOf(a, bounds), ownOf(b, bounds)] as const
  // How far around each point all others are known, as the surveys lie and as they are moved.
  const moved = whole.isAligned ? Math.hypot(whole.shift[0], whole.shift[1]) : 0
  const reach = [a, b].map(({ x, y }, k) => {
    const ofOwn = new Float64Array(own[k]!.length)
    own[k]!.forEach((i, place) => {
      ofOwn[place] = whole.halo - moved + withinEdge(bounds, x[i]!, y[i]!)
    })
    return ofOwn
  }) as [Float64Array, Float64Array]
  const pointsOfBoth = whole.pointCounts[0] + whole.pointCounts[1]
  const comparing = { threads, signal, onAdvance: onCompared, onIndexed: onCompared }
  const compare = (frame: Whole['frames']['lying'], absence: boolean) =>
    compareClouds(a, b, {
      ...comparing,
      absence,
      whole: {
        frame,
        spacings: whole.spacings,
        densityRatios: whole.densityRatios,
        pointsOfBoth,
      },
    })
  const lying = isTwofold ? await compare(whole.frames.lying, false) : undefined
  if (whole.isAligned) moveBack(b, whole.shift)
  releaseMemory()
  const compared = await compare(whole.frames.aligned, !isByDistance)
  releaseMemory()
  const surfaces = isByDistance
    ? undefined
    : await measureSurfaces(a, b, whole.cellSize, {
        ...{ threads, signal, origin: whole.origin },
        ...{ onOrdered: onMeasured, onMeasured },
      })
  releaseMemory()
  const colours = withColours
    ? await colourDifferences(a, b, whole.linkDistance, {
        origin: whole.frames.aligned.centre,
        pace: paceOf(signal, onMeasured),
      })
    : undefined
  const epochs = [0, 1] as const
  const points = epochs.map((k) =>
    ownPoints([a, b][k]!.number, own[k]!, reach[k]!, {
      ...{ compared: columnsOf(compared, k), lying: columnsOf(lying ?? compared, k).distance },
      // Nearer points have their absence not looked into.
      from: isByDistance
        ? Infinity
        : absenceRule(whole.densityRatios[k]!, whole.spacings[1 - k]!, pointsOfBoth).from,
    }),
  ) as [OwnPoints, OwnPoints]
  return {
    points,
    surfaces: surfaces && ownCells(surfaces, bounds, own, a.x.length),
    colours: colours && [valuesAt(colours.differenceA, own[0]), valuesAt(colours.differenceB, own[1])],
    occupied: epochs.map((k) => occupiedCells([a, b][k]!, own[k]!, whole)) as [Int32Array, Int32Array],
  }
}

function ownOf({ x, y }: PointArrays, bounds: TileBounds): Uint32Array {
  return placesWhere(x.length, (i) => contains(bounds, x[i]!, y[i]!))
}

function columnsOf(compared: CloudDistances, epoch: 0 | 1) {
  return epoch === 0
    ? { distance: compared.distanceA, absence: compared.absenceA }
    : { distance: compared.distanceB, absence: compared.absenceB }
}

/**
 * A distance counts if nothing nearer can lie beyond what is known. So does absence if the neighbours that it was told from lie
 * within: by its definition, none of these is further than distance x sqrt(2 / absence).
 */
function ownPoints(
  numbers: Uint32Array,
  own: Uint32Array,
  reach: Float64Array,
  {
    compared,
    lying,
    from,
  }: { compared: { distance: Float32Array; absence: Float32Array }; lying: Float32Array; from: number },
): OwnPoints {
  const distance = valuesAt(compared.distance, own)
  const absence = compared.absence.length > 0 ? valuesAt(compared.absence, own) : new Float32Array(0)
  const lyingDistance = valuesAt(lying, own)
  const open: number[] = []
  for (let k = 0; k < own.length; k++) {
    // Coordinates are rounded, and 32 bits keep what was found.
    const known = reach[k]! * (1 - 1e-6)
    const away = Math.max(distance[k]!, lyingDistance[k]!)
    const isAbsenceKnown = !(distance[k]! > from) || distance[k]! * Math.sqrt(2 / absence[k]!) < known
    if (!(away < known) || !isAbsenceKnown) open.push(k)
  }
  return {
    number: valuesAt(numbers, own),
    lying: lyingDistance,
    distance,
    absence,
    open: Uint32Array.from(open),
  }
}

function ownCells(
  { cells, measured, points }: MeasuredSurfaces,
  bounds: TileBounds,
  own: readonly [Uint32Array, Uint32Array],
  countA: number,
): NonNullable<TileResults['surfaces']> {
  // Places among the own points, by those among all that the tile knows.
  const places = new Int32Array(points.order.length).fill(-1)
  own[0].forEach((i, place) => {
    places[i] = place
  })
  own[1].forEach((i, place) => {
    places[countA + i] = own[0].length + place
  })
  const order = new Uint32Array(own[0].length + own[1].length)
  const start = new Uint32Array(cells.count + 1)
  const isOwn = new Uint32Array(cells.count)
  const wanted = new Uint32Array(cells.count)
  let [count, ordered, owned] = [0, 0, 0]
  for (let cell = 0; cell < cells.count; cell++) {
    const first = ordered
    for (let p = points.start[cell]!; p < points.start[cell + 1]!; p++) {
      const place = places[points.order[p]!]!
      if (place >= 0) order[ordered++] = place
    }
    const middle = cells.middleOf(cell)
    const isMiddleIn = contains(bounds, middle[0], middle[1])
    if (ordered === first && !isMiddleIn) continue
    if (isMiddleIn) owned++
    start[count] = first
    isOwn[count] = isMiddleIn ? 1 : 0
    wanted[count++] = cell
  }
  start[count] = ordered
  const chosen = wanted.subarray(0, count)
  const { offset, variance, smoothShare, normalZ, scatter } = measured
  // The sample of the whole has its cells among those of the sample of the tile.
  const every = sampledEvery(owned)
  const isSampled = (at: number) =>
    cellHash(cells.steps[at]!, cells.steps[at + 1]!, cells.steps[at + 2]!) % every === 0
  const sampled = valuesAt(
    chosen,
    placesWhere(count, (k) => isOwn[k] === 1 && isSampled(3 * chosen[k]!)),
  )
  const common = (of: Uint32Array) => ({
    steps: valuesAt(cells.steps, of, 3),
    variance: valuesAt(variance, of),
    smoothShare: valuesAt(smoothShare, of),
    normalZ: valuesAt(normalZ, of),
  })
  return {
    cells: {
      ...common(chosen),
      offset: valuesAt(offset, chosen),
      isOwn: isOwn.slice(0, count),
      points: { order, start: start.slice(0, count + 1) },
    },
    sample: {
      ...common(sampled),
      scatter: valuesAt(scatter, sampled),
      cellCount: Uint32Array.of(owned),
    },
  }
}

function occupiedCells({ x, y }: PointArrays, own: Uint32Array, { linkDistance }: Whole): Int32Array {
  const occupied = new OccupiedCells(areaCell(linkDistance))
  occupied.add(valuesAt(x, own), valuesAt(y, own))
  return occupied.steps()
}
