// What the extraction of ground is going to cost, from what the headers of its files tell.
import { groundOptions } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import type { LasHeader } from '@alidade/formats'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { headersOf, lazBytes, pointsOfHeaders, readingWork, type Work } from '../point-clouds/reading-work.ts'
import { staysInMemory } from './kept-records.ts'
import { measuredCosts } from './measured-costs.ts'
import { encodingThreads } from './open-cloud-writer.ts'
import {
  boundsOfHeaders,
  foreseenCells,
  type GroundPass,
  isAbsurd,
  optionsIn,
  rasterPlan,
  surfacePasses,
  surfaceThreads,
} from './raster-plan.ts'
import { filePart } from './read-clouds.ts'
import { sitePart } from './find-site.ts'
import { isReprojected, segmentedFiles } from './segmented-files.ts'

export type Step = (typeof jobTypes.extractGround.steps)[number]
export type CostName = keyof typeof measuredCosts

export interface WorkPart extends Omit<PlannedPart<Step>, 'secondsEach'> {
  work: Work<CostName>[]
}

export async function planExtractGround(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  return (await workOf(run)).map(({ work, ...part }) => ({
    ...part,
    secondsEach: work.reduce(
      (sum, { cost, unitsEach, threads }) => sum + (measuredCosts[cost] * unitsEach) / threads,
      0,
    ),
  }))
}

/** What comes before there are tiles: nothing is written but the surface, for all of them. */
export async function planGroundOfTiles(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const before = (await planExtractGround(run)).filter(({ step }) => step !== 'Write_Results')
  return [...before, await keptSurface(run)]
}

export async function keptSurface({ inputs }: Pick<PlannedRun, 'inputs'>): Promise<PlannedPart<Step>> {
  const { cells } = rasterWork(await headersOf(inputs.pointClouds ?? []))
  return { step: 'Find_Ground', part: keepPart, total: 2 * cells, secondsEach: keepSeconds }
}

/** Every part of a run in order, with the count that is expected and the work that a count is. */
export async function workOf(run: PlannedRun): Promise<WorkPart[]> {
  const { inputs, outputs, threads, options = {}, memoryLimitMegabytes } = run
  const files = inputs.pointClouds ?? []
  const headers = await headersOf(files)
  const { cells, knownShare, passes, isSiteSought } = rasterWork(headers)
  const stays = staysInMemory(headers, { memoryLimitMegabytes, cells })
  const isElsewhere = isReprojected(options)
  const written = segmentedFiles(
    files.map(({ name }, i) => ({ name, header: headers[i] })),
    { outputs, isReprojected: isElsewhere },
  )
  const scenes = outputs.includes('segmentation3D') ? 1 : 0
  const part = (step: Step, part: string, total: number, work: Work<CostName>[]): WorkPart => ({
    step,
    part,
    total,
    work,
  })
  const shared = (cost: CostName, unitsEach: number): Work<CostName> => ({
    ...{ cost, unitsEach },
    threads: surfaceThreads(cells, threads),
  })
  const alone = (cost: CostName): Work<CostName> => ({ cost, unitsEach: 1, threads: 1 })
  const perFile = (cost: CostName, header: LasHeader | undefined, files = 1): Work<CostName> => ({
    ...{ cost, threads: 1 },
    unitsEach: files / Math.max(1, header?.pointCount ?? 0),
  })
  const surfaceWork: Record<GroundPass, Work<CostName>[]> = {
    outliers: [shared('outlierCells', 1)],
    windows: [shared('windowCells', 1)],
    edges: [shared('edgeCells', 1)],
    areas: [alone('areaCells')],
    refill: [shared('refillCells', 1)],
    continuation: [shared('continuedCells', knownShare)],
    levels: [alone('levelCells')],
    smooth: [shared('smoothCells', 1), shared('smoothHoles', 1 - knownShare)],
    tolerance: [shared('toleranceCells', 1)],
  }
  const startOnce = countStartsOnce()
  const reading = (header: LasHeader | undefined, i: number) => [
    ...startOnce(byBytes(readingWork(header, threads), header, files[i]!.source.sizeBytes)),
    perFile('openFile', header),
  ]
  return [
    ...(isSiteSought
      ? headers.map((header, i) =>
          part('Read_Clouds', sitePart(i), header?.pointCount ?? 0, reading(header, i)),
        )
      : []),
    ...headers.map((header, i) =>
      part('Read_Clouds', filePart(i), header?.pointCount ?? 0, reading(header, i)),
    ),
    ...Object.entries(surfaceWork).map(([name, work]) =>
      part('Find_Ground', name, passes[name as GroundPass], work),
    ),
    ...headers.map((header, i) => {
      const writing = written[i]!.flatMap(({ format, isExport }) => [
        ...(format === 'laz'
          ? byBytes(compressing(header, threads), header, files[i]!.source.sizeBytes)
          : [alone(costOfFormat[format])]),
        ...(isExport && isElsewhere ? [alone('reproject')] : []),
      ])
      const again = stays[i] ? [] : reading(header, i)
      const { length: filesEach } = written[i]!
      const writingAll = part('Write_Results', filePart(i), header?.pointCount ?? 0, [
        ...again,
        ...startOnce([alone('classify'), ...writing]),
        perFile('finishFile', header, filesEach),
      ])
      return { ...writingAll, files: filesEach }
    }),
    { ...part('Write_Results', 'scene', scenes, [alone('scene')]), files: scenes },
  ]
}

/** Of the surface that tiles look at. */
export const keepPart = 'keep'
/** For a number of it, of which a cell has two: to write 4 bytes through to a disk of 400 MB/s. */
const keepSeconds = 1e-8

const costOfFormat = { las: 'writeLas', ply: 'writePly' } as const

function compressing(header: LasHeader | undefined, threads: number): Work<CostName>[] {
  const encoding = header === undefined ? 1 : encodingThreads(header, threads)
  const writing: Work<CostName> = { cost: 'writeLaz', unitsEach: 1, threads: encoding }
  if (encoding === 1) return [writing]
  return [{ cost: 'startEncoding', unitsEach: 1 / header!.pointCount, threads: 1 }, writing]
}

const costOfBytes: Partial<Record<CostName, CostName>> = {
  readLaz: 'readLazBytes',
  writeLaz: 'writeLazBytes',
}

/** What is done to points of LAZ takes time for each point, and for each of its bytes. */
function byBytes(
  work: readonly Work<CostName>[],
  header: LasHeader | undefined,
  sizeBytes: number,
): Work<CostName>[] {
  return work.flatMap((one) => {
    const cost = costOfBytes[one.cost]
    if (cost === undefined || header === undefined) return [one]
    return [one, { ...one, cost, unitsEach: one.unitsEach * lazBytes(header, sizeBytes) }]
  })
}

/** Threads that decode and encode are started for the first file that is worth them, and go on to the next. */
function countStartsOnce() {
  let started = false
  return (work: Work<CostName>[]): Work<CostName>[] =>
    work.filter(({ cost }) => {
      if (cost !== 'startDecoding' && cost !== 'startEncoding') return true
      const isFirst = !started
      started = true
      return isFirst
    })
}

/**
 * How many cells there are, which share of them has a point, how many are passed over in each part, and whether the site has to be
 * looked for first.
 */
function rasterWork(headers: readonly (LasHeader | undefined)[]) {
  const known = headers.filter((header) => header !== undefined)
  const bounds = boundsOfHeaders(known)
  if (bounds === undefined) return { cells: 0, knownShare: 0, passes: noPasses, isSiteSought: false }
  const options = optionsIn(known.find(({ crs }) => crs !== undefined)?.crs)
  const plan = rasterPlan(bounds, options)
  const points = pointsOfHeaders(known)
  const cells = foreseenCells(plan, points)
  const passes = surfacePasses({ ...plan, columns: cells, rows: 1 }, options)
  // Were the points spread by chance.
  const knownShare = 1 - Math.exp(-points / cells)
  return { cells, knownShare, passes, isSiteSought: isAbsurd(plan, points) }
}

const noPasses = surfacePasses(
  { cellSize: 1, firstColumn: 0, firstRow: 0, columns: 0, rows: 0 },
  groundOptions(),
)
