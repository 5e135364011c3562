// What cannot go with a given segmentation, and what will be empty.
import { type JobMessage, jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { JobError } from '../../job-error.ts'
import type { Inspection, JobContext } from '../../job-type.ts'
import { segmentationInput } from './scene-labels.ts'
import { askedVectors, codesFor, type VectorClasses } from './vector-classes.ts'

/** It stands for them: which of the two would count? */
const replaced = ['pointClouds', 'meshes', 'pointCloudSegmentationDetector']
const vectors = /^(objects|lines|polygons)3D$|^exported(Objects|Lines|Polygons|Locations)3D/

/** `given`: internal names of inputs and detectors. */
export function faultsOf(given: readonly string[], outputs: readonly string[]): Inspection['faults'] {
  const beside = given.filter((name) => replaced.includes(name))
  const others = outputs.filter((output) => !vectors.test(output))
  return [
    ...beside.map((input) => {
      const problem = `it is given beside ${segmentationInput}, which takes the place of cloud and detector; give one or the other.`
      return { input, error: jobErrorMessage('InputData_Invalid', input, problem) }
    }),
    ...others.map((output) => {
      const problem = `it is the segmentation already, and no ${output} is made of it; objects3D, lines3D and polygons3D are.`
      return { output, error: jobErrorMessage('InputData_Invalid', segmentationInput, problem) }
    }),
  ]
}

/** JobError for what cannot go with it, and for no scene. */
export function refuseWrong({
  inputs,
  detectors = {},
  outputs,
}: Pick<JobContext, 'inputs' | 'detectors' | 'outputs'>): void {
  const wrong = faultsOf([...Object.keys(inputs), ...Object.keys(detectors)], Object.keys(outputs))
  if (wrong[0] !== undefined) throw new JobError(wrong[0].error)
  if (inputs[segmentationInput]?.[0] === undefined)
    throw new JobError('InputData_Missing', [segmentationInput, 'a ContextScene'])
}

export function ignoredOptions(options: JobContext['options']): JobMessage[] {
  return options.saveConfidence === undefined ? [] : [jobWarningMessage('Option_Ignored', 'saveConfidence')]
}

/** `samples`: how many of each class there are, where it is known already. */
export function emptyOutputs(
  classes: VectorClasses,
  outputs: readonly string[],
  { samples, input }: { samples?: { countOf(code: number): number }; input: string },
): JobMessage[] {
  return askedVectors(outputs)
    .filter((output) =>
      codesFor(classes, [output]).every((code) => samples !== undefined && samples.countOf(code) === 0),
    )
    .map((output) => jobWarningMessage('Classes_Unused', output, input))
}
