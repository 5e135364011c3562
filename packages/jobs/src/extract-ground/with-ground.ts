// The ground among the points of the clouds that a run is given: everything up to the writing of results.
import {
  GroundRaster,
  type GroundSurface,
  groundSurface,
  passesByThreads,
  type PlanRegion,
} from '@alidade/analysis'
import { jobWarningMessage } from '@alidade/contract/jobs'
import { LazThreads } from '@alidade/formats'
import { countInTurn } from '../count-in-turn.ts'
import { JobError } from '../job-error.ts'
import type { JobContext } from '../job-type.ts'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'
import { releaseMemory } from '../release-memory.ts'
import { findSite } from './find-site.ts'
import { GrowingRaster } from './growing-raster.ts'
import { cloudInput, type FarPoints, inspectClouds, tooLarge } from './inspect.ts'
import { cellsBeside, KeptRecords, staysInMemory } from './kept-records.ts'
import {
  boundsOfHeaders,
  isAbsurd,
  mostCells,
  optionsIn,
  rasterPlan,
  surfacePasses,
  surfaceThreads,
} from './raster-plan.ts'
import { type ReadCloudsOptions, readClouds } from './read-clouds.ts'
import type { PlanBounds } from './site-blocks.ts'
import { SiteRaster } from './site-raster.ts'
import type { Step } from './step-costs.ts'
import { type OpenedCloud, withCloud } from './with-cloud.ts'

export interface FoundGround {
  cloud: Cloud
  surface: GroundSurface
  /** Those that stayed in memory. */
  records: KeptRecords
  /** For whoever reads and writes after this. */
  lazThreads: LazThreads
  region: PlanRegion | undefined
  /** Name of the input that says which region. */
  clipInput: string | undefined
}

export interface WithGroundOptions {
  /** The input that the clouds are of. */
  input?: string
  /** Default 'refused'. */
  farPoints?: FarPoints
  /** Whether records may stay in memory; default true. */
  stay?: boolean
  /** Gets the cloud before its points are read. */
  onOpened?: (cloud: Cloud) => Promise<void>
  /** Gets every batch that is read, with its places. */
  onBatch?: ReadCloudsOptions['onBatch']
  /**
   * Whether the raster may grow to where points are, beyond what headers state. Default: unless somebody looks at batches, who
   * may have bounds of headers in mind as well.
   */
  mayGrow?: boolean
}

/** A kilometre. */
const gapInCells = 1000

/** Some 100 MB of rasters: fewer are not worth the milliseconds of the collector. */
const cellsWorthReleasing = 5e6

/** Opens and reads the clouds, finds the ground, and closes everything when `work` is done. */
export async function withGround<T>(
  context: JobContext<Step>,
  work: (ground: FoundGround) => Promise<T>,
  {
    input = cloudInput,
    farPoints,
    stay = true,
    onOpened,
    onBatch,
    mayGrow = onBatch === undefined,
  }: WithGroundOptions = {},
): Promise<T> {
  const { outputs, options, progress, signal, threads, warn, kept } = context
  const lazThreads = new LazThreads()
  const find = async (opened: OpenedCloud) => {
    const { cloud, clipInput } = opened
    const inspection = await inspectClouds(
      opened.inputs,
      Object.keys(outputs),
      signal,
      options,
      input,
      farPoints,
    )
    for (const warning of inspection.warnings) warn(warning)
    const fault = inspection.faults[0]
    if (fault !== undefined) throw new JobError(fault.error)
    const region = await opened.region()
    await onOpened?.(cloud)

    const groundOptions = optionsIn(crsOfClouds(cloud))
    const { min, max } = boundsOfHeaders(cloud.headers)!
    const stated = { min: [min[0]!, min[1]!], max: [max[0]!, max[1]!] } as const
    const { cellSize } = groundOptions
    const looked = isAbsurd(rasterPlan({ min, max }, groundOptions), cloud.pointCount)
      ? await findSite(cloud, { progress, signal, threads, lazThreads, gap: gapInCells * cellSize })
      : undefined
    const site = looked?.bounds
    const plan = rasterPlan(site ?? { min, max }, groundOptions)
    if (plan.columns * plan.rows > mostCells)
      throw new JobError('InputData_Invalid', [input, `${tooLarge(plan)}, which has too few points for it.`])
    if (looked !== undefined && looked.apart > 0)
      warn(jobWarningMessage('Points_Apart', input, String(looked.apart), shownBounds(looked.bounds)))
    const raster = new GroundRaster({
      ...(site ?? stated),
      cellSize,
      // From where the stored heights count: near all that is real, whatever an outlier says.
      heightOrigin: cloud.headers[0]!.offset[2],
    })
    const { memoryLimitMegabytes } = context
    const stays = staysInMemory(cloud.headers, { memoryLimitMegabytes, cells: raster.lowest.length })
    const records = new KeptRecords(stay ? stays : [])
    const mostGrown = mayGrow
      ? Math.min(mostCells, cellsBeside(cloud.headers, stays, memoryLimitMegabytes))
      : 0
    const growing = site === undefined ? new GrowingRaster(raster, stated, mostGrown) : undefined
    await readClouds(cloud, growing ?? new SiteRaster(raster, site!), {
      ...{ progress, signal, threads, kept, records, lazThreads, onBatch },
    })
    if (growing?.hasGrown)
      warn(jobWarningMessage('Bounds_Exceeded', input, shownBounds(growing.bounds), shownBounds(stated)))

    const passes = surfacePasses(raster.plan, groundOptions)
    const onAdvance = countInTurn(progress, 'Find_Ground', 'cells', passes)
    const surface = await groundSurface(raster, groundOptions, {
      ...{ signal, onAdvance },
      ...(surfaceThreads(raster.lowest.length, threads) > 1 && {
        run: passesByThreads(lazThreads, threads, signal),
      }),
    })
    if (raster.lowest.length > cellsWorthReleasing) releaseMemory()
    return work({ cloud, surface, records, lazThreads, region, clipInput })
  }
  const findAndEnd = async (opened: OpenedCloud) => {
    try {
      return await find(opened)
    } finally {
      await lazThreads.end()
    }
  }
  return withCloud(context, findAndEnd, input)
}

function shownBounds({ min, max }: PlanBounds): string {
  const shown = ([x, y]: readonly [number, number]) => `${x.toFixed(2)}, ${y.toFixed(2)}`
  return `${shown(min)} to ${shown(max)}`
}
