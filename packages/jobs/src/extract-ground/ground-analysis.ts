// The ground among the points of a cloud: a raster of the lowest, a surface below everything that stands on it, and the class of each
// point by its height above that. README.md beside this file says how and with what limits.
import { GroundRaster, groundSurface, groundSurfaceWork, type PlanRegion } from '@alidade/analysis'
import { JobError } from '../job-error.ts'
import type { InspectedFile, JobContext } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { type Cloud, closeClouds, crsOfClouds, openCloud } from '../point-clouds/cloud.ts'
import { exportSrsFrom, exportSrsProblem } from '../point-clouds/export-srs.ts'
import { readExtent } from '../point-clouds/extent.ts'
import { releaseMemory } from '../release-memory.ts'
import type { Analysis } from '../segmentation-3d/by-detector.ts'
import { clipFile } from './clip-region.ts'
import { cloudInput, inspectClouds } from './inspect.ts'
import { KeptRecords, staysInMemory } from './kept-records.ts'
import { boundsOfHeaders, optionsIn } from './raster-plan.ts'
import { readClouds } from './read-clouds.ts'
import { planExtractGround, type Step } from './step-costs.ts'
import { writeClouds } from './write-clouds.ts'
import { writeScene } from './write-scene.ts'

export const groundAnalysis: Analysis = {
  plan: planExtractGround,
  optionFaults: ({ exportSrs }) => {
    const problem = exportSrsProblem(exportSrs)
    return problem === undefined ? [] : [{ option: 'exportSrs', problem }]
  },
  inspect: inspectClouds,
  run: (context) => run(context as JobContext<Step>),
}

async function run(context: JobContext<Step>): Promise<void> {
  const { inputs, outputs, options, progress, signal, threads, warn, kept } = context
  const opened: { cloud?: Cloud; clip?: InspectedFile } = {}
  try {
    const cloud = await openCloud(cloudInput, inputs.pointClouds ?? [], signal)
    opened.cloud = cloud
    const clip = clipFile(inputs)
    if (clip !== undefined) opened.clip = await openInputFile(clip.file)
    const inspected = {
      pointClouds: cloud.files,
      ...(clip !== undefined && { [clip.input]: [opened.clip!] }),
    }
    const inspection = await inspectClouds(inspected, Object.keys(outputs), signal, options)
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
    const records = new KeptRecords(stays)
    await readClouds(cloud, raster, { progress, signal, threads, kept, records })

    const total = groundSurfaceWork(raster.plan, groundOptions)
    const finding = progress.begin('Find_Ground', { part: 'surface', total, unit: 'cells' })
    const surface = await groundSurface(raster, groundOptions, {
      signal,
      onAdvance: (cells) => finding.advance(cells),
    })
    releaseMemory()

    const counts = await writeClouds(cloud, {
      ...{ outputs, surface, region, records, signal, threads, progress },
      exportCrs: exportSrsFrom(options.exportSrs),
    })
    refuseNothing(counts, region, clip?.input)
    if (outputs.segmentation3D !== undefined) {
      const writing = progress.begin('Write_Results', { part: 'scene', total: 1, unit: 'scenes' })
      await writeScene(cloud, outputs)
      writing.advance(1)
    }
  } finally {
    if (opened.cloud !== undefined) await closeClouds([opened.cloud])
    await opened.clip?.source.close()
  }
}

function refuseNothing(counts: number[], region: PlanRegion | undefined, input: string | undefined): void {
  if (region === undefined || counts.some((count) => count > 0)) return
  throw new JobError('InputData_Invalid', [input!, 'the region holds none of the points.'])
}
