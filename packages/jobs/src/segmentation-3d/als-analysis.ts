// @alidade/als-basic: classes of the points of an airborne scan, and what is made of them. README.md beside this file says how.
import { segmentOptions, segmentPoints } from '@alidade/analysis'
import { withCloud } from '../extract-ground/with-cloud.ts'
import { withGround } from '../extract-ground/with-ground.ts'
import type { Step as GroundStep } from '../extract-ground/step-costs.ts'
import { writeSceneIfAsked } from '../extract-ground/write-scene.ts'
import { JobError } from '../job-error.ts'
import type { Division, JobContext } from '../job-type.ts'
import { crsOfClouds } from '../point-clouds/cloud.ts'
import { plannedPoints } from '../point-clouds/reading-work.ts'
import { exportSrsProblem } from '../point-clouds/export-srs.ts'
import { expectedOf, isRunInTiles, mostTilePoints, partsOfSamples, type Step } from './als-costs.ts'
import { alsDivisionOf, planRun, runInTiles } from './als-division.ts'
import { inspectAls, inspectVectors } from './als-inspect.ts'
import type { Analysis } from './by-detector.ts'
import { classLabels } from './class-labels.ts'
import { classesInMemory } from './given-classes.ts'
import { readPoints } from './read-points.ts'
import { segmentCounts } from './segment-counts.ts'
import { writeFound } from './write-found.ts'
import { writeSegmented } from './write-segmented.ts'

export const alsAnalysis = alsAnalysisOf(mostTilePoints)

/** In tiles of about so many points, divided among agents or not; tests have small ones. */
export function alsAnalysisOf(tilePoints: number): Analysis {
  return {
    plan: (run) => planRun(run, tilePoints),
    optionFaults: ({ exportSrs }) => {
      const problem = exportSrsProblem(exportSrs)
      return problem === undefined ? [] : [{ option: 'exportSrs', problem }]
    },
    inspect: inspectAls,
    run: (context) => run(context as JobContext<Step>, tilePoints),
    division: alsDivisionOf(tilePoints) as Division,
  }
}

async function run(context: JobContext<Step>, tilePoints: number): Promise<void> {
  const points = await withCloud(context, async ({ cloud }) => {
    // Told by the headers: whoever runs it on the command line has had nothing inspected.
    const { faults } = inspectVectors(Object.keys(context.outputs), crsOfClouds(cloud))
    if (faults[0] !== undefined) throw new JobError(faults[0].error)
    return plannedPoints(cloud.files)
  })
  if (isRunInTiles(points, tilePoints)) await runInTiles(context, points, tilePoints)
  else await runInMemory(context)
}

async function runInMemory(context: JobContext<Step>): Promise<void> {
  const { outputs, options, progress, signal, threads, warn } = context
  const asked = Object.keys(outputs)
  await withGround(
    context as unknown as JobContext<GroundStep>,
    async (ground) => {
      const { cloud, surface, records, region, clipInput } = ground
      const crs = crsOfClouds(cloud)
      for (const warning of inspectVectors(asked, crs).warnings) warn(warning)
      const unitsPerMetre = 1 / (crs?.linearUnit.metres ?? 1)
      const points = await readPoints(cloud, { records, progress, signal, threads })
      const { apart } = expectedOf(cloud.headers)
      const segmentation = await segmentPoints(points, surface, segmentOptions(unitsPerMetre), {
        ...{ threads, signal },
        onAdvance: segmentCounts(progress, (samples) => partsOfSamples(asked, samples, apart)),
      })
      const count = await writeSegmented(ground, context, classesInMemory(segmentation))
      if (region !== undefined && count === 0)
        throw new JobError('InputData_Invalid', [clipInput!, 'the region holds none of the points.'])
      await writeSceneIfAsked(cloud, context as unknown as JobContext<GroundStep>, classLabels)
      const found = { outputs, options, crs, region, unitsPerMetre, signal, progress }
      await writeFound(segmentation, found)
    },
    { farPoints: 'apart' },
  )
}
