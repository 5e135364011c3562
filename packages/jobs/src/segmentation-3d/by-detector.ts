// A job type whose detector says which analysis it is.
import { builtInDetectorNamed, type JobTypeDeclaration, jobErrorMessage } from '@alidade/contract/jobs'
import { JobError } from '../job-error.ts'
import type { InputDetector, JobType } from '../job-type.ts'

/** What a job type does, whatever it is called. */
export type Analysis = Omit<JobType, 'declaration'>

const input = 'pointCloudSegmentationDetector'

/**
 * `analyses`: by the names of built-in detectors; `byModel`: of all detectors that are none. A job without a detector gets the
 * one that the declaration has for it.
 */
export function byDetector(
  declaration: JobTypeDeclaration,
  analyses: ReadonlyMap<string, Analysis>,
  byModel?: Analysis,
): JobType {
  const chosen = (detectors: Record<string, InputDetector> = {}): Analysis | undefined => {
    const name = nameOf(detectors[input]) ?? declaration.inputs[input]?.localDefault
    if (name === undefined) return undefined
    return analyses.get(name) ?? (builtInDetectorNamed(name) === undefined ? byModel : undefined)
  }
  const unsuitable = (detectors: Record<string, InputDetector> = {}) => {
    const named = nameOf(detectors[input]) || 'in a reality data'
    return jobErrorMessage('Detector_Unsuitable', input, named, [...analyses.keys()].join(', '))
  }
  const dividing = (detectors: Record<string, InputDetector> | undefined) => {
    const division = chosen(detectors)?.division
    if (division === undefined) throw new TypeError('what this detector does cannot be divided')
    return division
  }
  return {
    declaration,
    division: {
      isLarge: async (run, fromPoints) =>
        (await chosen(run.detectors)?.division?.isLarge(run, fromPoints)) ?? false,
      planDivide: (run, ...rest) => dividing(run.detectors).planDivide(run, ...rest),
      divide: (context, ...rest) => dividing(context.detectors).divide(context, ...rest),
      planTile: (tile, run) => dividing(run.detectors).planTile(tile, run),
      runTile: (context) => dividing(context.detectors).runTile(context),
      planMerge: (run, tiles) => dividing(run.detectors).planMerge(run, tiles),
      merge: (context) => dividing(context.detectors).merge(context),
    },
    plan: async (run) => (await chosen(run.detectors)?.plan(run)) ?? [],
    optionFaults: (options) => {
      const faults = [...analyses.values()].flatMap((analysis) => analysis.optionFaults?.(options) ?? [])
      // Several may find the same fault.
      return [...new Map(faults.map((fault) => [`${fault.option} ${fault.problem}`, fault])).values()]
    },
    inspect: async (inputs, outputs, signal, options, detectors) => {
      const analysis = chosen(detectors)
      if (analysis !== undefined) return analysis.inspect(inputs, outputs, signal, options, detectors)
      const faults = [{ input, error: unsuitable(detectors) }]
      return { faults, warnings: [], resultBytes: 0, memoryMegabytes: 0 }
    },
    run: async (context) => {
      const analysis = chosen(context.detectors)
      if (analysis === undefined) throw new JobError(unsuitable(context.detectors))
      await analysis.run(context)
    },
  }
}

/** Undefined for none, and for one that is the files of a reality data. */
function nameOf(detector: InputDetector | undefined): string | undefined {
  return detector === undefined ? undefined : (detector.library?.name ?? '')
}
