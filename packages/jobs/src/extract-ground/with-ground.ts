// The ground among the points of the clouds that a run is given: everything up to the writing of results.
import { GroundRaster, type GroundSurface, groundSurface, type PlanRegion } from '@alidade/analysis'
import { countInTurn } from '../count-in-turn.ts'
import { JobError } from '../job-error.ts'
import type { InspectedFile, JobContext } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { type Cloud, closeClouds, crsOfClouds, openCloud } from '../point-clouds/cloud.ts'
import { readExtent } from '../point-clouds/extent.ts'
import { releaseMemory } from '../release-memory.ts'
import { clipFile } from './clip-region.ts'
import { cloudInput, inspectClouds } from './inspect.ts'
import { KeptRecords, staysInMemory } from './kept-records.ts'
import { boundsOfHeaders, optionsIn, surfacePasses } from './raster-plan.ts'
import { type ReadCloudsOptions, readClouds } from './read-clouds.ts'
import type { Step } from './step-costs.ts'

export interface FoundGround {
  cloud: Cloud
  surface: GroundSurface
  /** Those that stayed in memory. */
  records: KeptRecords
  region: PlanRegion | undefined
  /** Name of the input that says which region. */
  clipInput: string | undefined
}

export interface WithGroundOptions {
  /** The input that the clouds are of. */
  input?: string
  /** Whether records may stay in memory; default true. */
  stay?: boolean
  /** Gets every batch that is read, with its places. */
  onBatch?: ReadCloudsOptions['onBatch']
}

/** Opens and reads the clouds, finds the ground, and closes everything when `work` is done. */
export async function withGround<T>(
  context: JobContext<Step>,
  work: (ground: FoundGround) => Promise<T>,
  { input = cloudInput, stay = true, onBatch }: WithGroundOptions = {},
): Promise<T> {
  const { inputs, outputs, options, progress, signal, threads, warn, kept } = context
  const opened: { cloud?: Cloud; clip?: InspectedFile } = {}
  try {
    const cloud = await openCloud(input, inputs[input] ?? [], signal)
    opened.cloud = cloud
    const clip = clipFile(inputs)
    if (clip !== undefined) opened.clip = await openInputFile(clip.file)
    const inspected = {
      [input]: cloud.files,
      ...(clip !== undefined && { [clip.input]: [opened.clip!] }),
    }
    const inspection = await inspectClouds(inspected, Object.keys(outputs), signal, options, input)
    for (const warning of inspection.warnings) warn(warning)
    const fault = inspection.faults[0]
    if (fault !== undefined) throw new JobError(fault.error)
    const crs = crsOfClouds(cloud)
    const region = clip && (await readExtent(clip.input, opened.clip!, crs))

    const groundOptions = optionsIn(crs)
    const { min, max } = boundsOfHeaders(cloud.headers)!
    const raster = new GroundRaster({
      min: [min[0]!, min[1]!],
      max: [max[0]!, max[1]!],
      cellSize: groundOptions.cellSize,
      // From where the stored heights count: near all that is real, whatever an outlier says.
      heightOrigin: cloud.headers[0]!.offset[2],
    })
    const { memoryLimitMegabytes } = context
    const stays = staysInMemory(cloud.headers, { memoryLimitMegabytes, cells: raster.lowest.length })
    const records = new KeptRecords(stay ? stays : [])
    await readClouds(cloud, raster, { progress, signal, threads, kept, records, onBatch })

    const passes = surfacePasses(raster.plan, groundOptions)
    const onAdvance = countInTurn(progress, 'Find_Ground', 'cells', passes)
    const surface = await groundSurface(raster, groundOptions, { signal, onAdvance })
    releaseMemory()
    return await work({ cloud, surface, records, region, clipInput: clip?.input })
  } finally {
    if (opened.cloud !== undefined) await closeClouds([opened.cloud])
    await opened.clip?.source.close()
  }
}
