// What a segmentation is going to cost, from what the headers of its files tell.
import { classifySteps } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import { filePart } from '../extract-ground/read-clouds.ts'
import { planExtractGround } from '../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { headersOf } from '../point-clouds/reading-work.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/** Seconds of a thread: processor time of the stages on the second Autzen tile, taken once on a busy machine. */
const costs = { decode: 3e-8, thin: 1.9e-7, measure: 3.7e-6, classify: 9e-7, scene: 0.02 }
/** Share of the points that are samples off the ground; the run finds the true one. */
const sampleShare = 0.3

export async function planAls(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const points = headers.reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
  const samples = Math.round(sampleShare * points)
  const part = (name: string, total: number, secondsEach: number): PlannedPart<Step> => ({
    ...{ step: 'Classify_Points', part: name, total, secondsEach },
  })
  const writes = (name: string): PlannedPart<Step> => ({
    ...{ step: 'Write_Results', part: name },
    total: run.outputs.includes(name) ? 1 : 0,
    secondsEach: costs.scene + samples * 1e-6,
  })
  return [
    ...ground.filter(({ step }) => step !== 'Write_Results'),
    ...headers.map((header, i) => part(filePart(i), header?.pointCount ?? 0, costs.decode)),
    part('thin', points, costs.thin),
    part('measure', samples, costs.measure / run.threads),
    part('classify', classifySteps * samples, costs.classify),
    ...ground.filter(({ step }) => step === 'Write_Results'),
    ...['objects3D', 'lines3D', 'polygons3D'].map(writes),
  ]
}
