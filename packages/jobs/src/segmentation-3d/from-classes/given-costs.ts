// What making vectors of given classes is going to cost, from what the headers of the cloud tell.
import { planExtractGround } from '../../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../../job-type.ts'
import { headersOf, pointsOfHeaders } from '../../point-clouds/reading-work.ts'
import type { Step } from '../als-costs.ts'
import { vectorsPart } from './make-vectors.ts'
import { segmentationInput } from './scene-labels.ts'
import { askedVectors } from './vector-classes.ts'

/** Seconds of a thread: processor time of the stages on the AHN tile and Autzen as `bench/from-classes.ts` tells it. */
const costs = { thin: 1e-7, make: 1e-6, scene: 0.02, writeSample: 2e-7 }
/** Share of the points that are samples of classes that vectors are made of; the run finds the true one. */
export const sampleShare = 0.3

export async function planGiven(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const clouds = (run.inputs[segmentationInput] ?? []).slice(1)
  const inputs = { pointClouds: clouds }
  const ground = await planExtractGround({ ...run, inputs, memoryLimitMegabytes: 0 })
  const headers = await headersOf(clouds)
  const points = pointsOfHeaders(headers)
  const samples = Math.round(sampleShare * points)
  const before = ground
    .filter(({ step }) => step !== 'Write_Results')
    .map((part): PlannedPart<Step> => {
      const more = part.step === 'Read_Clouds' ? costs.thin : 0
      return { ...part, secondsEach: part.secondsEach + more }
    })
  const { making, scenes } = vectorParts(run.outputs, samples)
  return [...before, ...making, ...scenes]
}

/** Of so many samples: in the step that classifies, and in the one that writes. */
export function vectorParts(
  outputs: readonly string[],
  samples: number,
): { making: PlannedPart<Step>[]; scenes: PlannedPart<Step>[] } {
  const asked = askedVectors(outputs)
  if (asked.length === 0) return { making: [], scenes: [] }
  return {
    making: [{ step: 'Classify_Points', part: vectorsPart, total: samples, secondsEach: costs.make }],
    scenes: asked.map((part) => ({
      ...{ step: 'Write_Results', part, total: 1 },
      secondsEach: costs.scene + samples * costs.writeSample,
    })),
  }
}
