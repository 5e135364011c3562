// The ground among the points of a cloud: a raster of the lowest, a surface below everything that stands on it, and the class of each
// point by its height above that. README.md beside this file says how and with what limits.
import type { PlanRegion } from '@alidade/analysis'
import { JobError } from '../job-error.ts'
import type { Division, JobContext } from '../job-type.ts'
import { exportSrsFrom, exportSrsProblem } from '../point-clouds/export-srs.ts'
import type { Analysis } from '../segmentation-3d/by-detector.ts'
import { groundDivision } from './division.ts'
import { cloudInput, inspectClouds } from './inspect.ts'
import { planExtractGround, type Step } from './step-costs.ts'
import { withGround } from './with-ground.ts'
import { writeClouds } from './write-clouds.ts'
import { writeSceneIfAsked } from './write-scene.ts'

export const groundAnalysis: Analysis = {
  plan: planExtractGround,
  optionFaults: ({ exportSrs }) => {
    const problem = exportSrsProblem(exportSrs)
    return problem === undefined ? [] : [{ option: 'exportSrs', problem }]
  },
  inspect: (inputs, outputs, signal, options) =>
    inspectClouds(inputs, outputs, signal, options, cloudInput, 'apart'),
  run: (context) => run(context as JobContext<Step>),
  division: groundDivision as Division,
}

async function run(context: JobContext<Step>): Promise<void> {
  const { outputs, options, progress, signal, threads, warn } = context
  await withGround(
    context,
    async ({ cloud, surface, records, lazThreads, region, clipInput }) => {
      const exportCrs = exportSrsFrom(options.exportSrs)
      const writing = {
        ...{ outputs, surface, region, records, exportCrs },
        ...{ signal, threads, lazThreads, progress, warn },
      }
      const counts = await writeClouds(cloud, writing)
      refuseNothing(counts, region, clipInput)
      await writeSceneIfAsked(cloud, context)
    },
    { farPoints: 'apart' },
  )
}

export function refuseNothing(
  counts: number[],
  region: PlanRegion | undefined,
  input: string | undefined,
): void {
  if (region === undefined || counts.some((count) => count > 0)) return
  throw new JobError('InputData_Invalid', [input!, 'the region holds none of the points.'])
}
