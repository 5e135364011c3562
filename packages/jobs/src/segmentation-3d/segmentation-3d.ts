// The job type segmentation3D: here the detector decides which analysis classifies the points.
import {
  alsBasicDetector,
  groundDetector,
  jobErrorMessage,
  jobTypes,
  jobWarningMessage,
} from '@alidade/contract/jobs'
import { groundAnalysis } from '../extract-ground/ground-analysis.ts'
import { cloudInput } from '../extract-ground/inspect.ts'
import { JobError } from '../job-error.ts'
import type { Division, Inspection, JobContext, JobType, Tile } from '../job-type.ts'
import { inAnyFormat } from '../point-clouds/in-any-format.ts'
import { alsAnalysis } from './als-analysis.ts'
import { type Analysis, byDetector } from './by-detector.ts'
import { givenDivision, isGivenTile } from './from-classes/division.ts'
import { givenAnalysis } from './from-classes/given-analysis.ts'
import { segmentationInput } from './from-classes/scene-labels.ts'
import { onnxAnalysis } from './onnx/onnx-analysis.ts'

export const segmentation3D = orGiven(
  inAnyFormat(
    byDetector(
      jobTypes.segmentation3D,
      new Map([
        [groundDetector.name as string, withoutVectors(groundAnalysis, ['saveConfidence'])],
        [alsBasicDetector.name, alsAnalysis],
      ]),
      onnxAnalysis,
    ),
    cloudInput,
  ),
)

/** A segmentation that is given takes the place of cloud and detector. */
function orGiven(byDetector: JobType): JobType {
  const of = (inputs: Record<string, unknown>): Analysis =>
    inputs[segmentationInput] === undefined ? byDetector : givenAnalysis
  return {
    ...byDetector,
    ...(byDetector.division && { division: givenOr(byDetector.division) }),
    plan: (run) => of(run.inputs).plan(run),
    inspect: (inputs, ...rest) => of(inputs).inspect(inputs, ...rest),
    run: (context) => of(context.inputs).run(context),
  }
}

function givenOr(byDetector: Division): Division {
  const given = givenDivision as Division
  const of = (inputs: Record<string, unknown>) =>
    inputs[segmentationInput] === undefined ? byDetector : given
  const ofTile = (tile: Tile) => (isGivenTile(tile) ? given : byDetector)
  return {
    isLarge: (run, ...rest) => of(run.inputs).isLarge(run, ...rest),
    planDivide: (run, ...rest) => of(run.inputs).planDivide(run, ...rest),
    divide: (context, ...rest) => of(context.inputs).divide(context, ...rest),
    planTile: (tile, run) => ofTile(tile).planTile(tile, run),
    runTile: (context) => ofTile(context.tile).runTile(context),
    planMerge: (run, tiles) => of(run.inputs).planMerge(run, tiles),
    merge: (context) => of(context.inputs).merge(context),
  }
}

/** An analysis of which nothing but a segmented cloud comes; `ignored`: further options that it passes over. */
function withoutVectors(analysis: Analysis, ignored: readonly string[] = []): Analysis {
  const passedOver = (options: JobContext['options'] = {}) =>
    [...ignored, 'computeLineWidth', 'removeSmallLines']
      .filter((option) => options[option] !== undefined)
      .map((option) => jobWarningMessage('Option_Ignored', option))
  return {
    ...analysis,
    inspect: async (inputs, outputs, ...rest): Promise<Inspection> => {
      const inspection = await analysis.inspect(inputs, outputs, ...rest)
      const faults = outputs.filter(isVectors).map((output) => ({ output, error: noVectors(output) }))
      const warnings = [...inspection.warnings, ...passedOver(rest[1])]
      return { ...inspection, warnings, faults: [...inspection.faults, ...faults] }
    },
    run: async (context) => {
      const vectors = Object.keys(context.outputs).find(isVectors)
      if (vectors !== undefined) throw new JobError(noVectors(vectors))
      for (const warning of passedOver(context.options)) context.warn(warning)
      await analysis.run(context)
    },
  }
}

function isVectors(output: string): boolean {
  return /(Objects|Lines|Polygons|Locations)3D|^(objects|lines|polygons)3D$/.test(output)
}

function noVectors(output: string) {
  const problem = `this one makes no ${output}; ${alsBasicDetector.name} does.`
  return jobErrorMessage('InputData_Invalid', 'pointCloudSegmentationDetector', problem)
}
