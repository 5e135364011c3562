// PATCH /realitydataanalysis/jobs/{jobId}: submit, cancel, change settings.
//
// A body may change settings and submit at once; the settings count first, and when anything is wrong with either
// nothing is changed. Doing again what was already done answers 200 with the job, since the first answer may have
// been lost on the way.
import { isDeepStrictEqual } from 'node:util'
import { type ErrorDetail, jobTypes, patchJob } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { JobRecord, RequestedSettings } from '../../store/job-record.ts'
import type { Change, JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { type PinDetectors, withoutDetectors } from '../detectors/pin-detectors.ts'
import type { JobInspection } from '../inspect-job.ts'
import { findJob } from '../jobs/find-job.ts'
import { v1Places } from '../jobs/job-places.ts'
import { checkSubmission, type InspectJob } from '../jobs/submission.ts'
import { registerOperation } from '../operation-route.ts'
import { type JobChange, readJobPatch } from './job-from-v1.ts'
import { toV1Job } from './job-to-v1.ts'
import { cannot, inputFault, jobFaults, jobNotFound } from './v1-faults.ts'

export interface PatchDependencies {
  store: Pick<JobRequests, 'get' | 'changeSettings' | 'submit' | 'cancel'>
  realityData: Pick<RealityDataStore, 'get' | 'bucket'>
  inspectJob: InspectJob
  /** Default: no input is a detector. */
  pinDetectors?: PinDetectors
}

// Any object comes in here, for the reason given in create-job.ts.
const operation = { ...patchJob, body: Type.Record(Type.String(), Type.Unknown()) }

export function patchJobRoute(app: FastifyInstance, dependencies: PatchDependencies): void {
  registerOperation(
    app,
    operation,
    async ({ caller, params, body, headers }) => {
      const job = await findJob(dependencies.store, 'v1', caller.org, params.jobId)
      if (job === undefined) throw jobNotFound()
      const { value, faults } = readJobPatch(body, job, headers)
      if (faults !== undefined) throw jobFaults('modify', faults)
      const change = await pinnedChange(job, value, dependencies)
      return { status: 200, body: { job: toV1Job(await changeJob(job, change, dependencies)) } }
    },
    { faultMessage: cannot.modify },
  )
}

/** An input that stays keeps the detector that it was pinned to. */
async function pinnedChange(
  job: JobRecord,
  { settings, ...change }: JobChange,
  { pinDetectors = withoutDetectors }: PatchDependencies,
): Promise<JobChange> {
  if (settings === undefined) return { settings, ...change }
  const kept = settings.inputs.map(
    (input) =>
      job.inputs.find(
        ({ name, realityDataId }) => name === input.name && realityDataId === input.realityDataId,
      ) ?? input,
  )
  const { inputs, faults } = await pinDetectors(job.org, jobTypes[settings.type].inputs, kept)
  if (faults.length > 0) throw jobFaults('modify', faults.map(inputFault))
  return { ...change, settings: { ...settings, inputs } }
}

async function changeJob(
  job: JobRecord,
  { state, settings, settingsSent }: JobChange,
  { store, realityData, inspectJob }: PatchDependencies,
): Promise<JobRecord> {
  const repeated = state === 'active' && job.state === 'active' && hasSettings(job, settings)
  const faults = [
    ...(settings === undefined || repeated ? [] : settingsFaults(job, settingsSent)),
    ...stateFaults(job, state),
  ]
  if (faults.length > 0) throw jobFaults('modify', faults)

  const submits = state === 'active' && job.state === 'unsubmitted'
  const wanted = settings === undefined ? job : withSettings(job, settings)
  const check: JobInspection = submits
    ? await checkSubmission(wanted, v1Places, { realityData, inspectJob })
    : { faults: [], warnings: [] }
  if (check.faults.length > 0) throw jobFaults('modify', check.faults)

  let changed = job
  if (settings !== undefined && !repeated) {
    const change = await store.changeSettings(job.org, job.id, settings)
    changed = changedJob(change, (refused) => settingsFaults(refused, settingsSent))
  }
  if (state === undefined) return changed
  const change =
    state === 'active'
      ? await store.submit(job.org, job.id, check.warnings, check)
      : await store.cancel(job.org, job.id)
  return changedJob(change, (refused) => stateFaults(refused, state))
}

/** The job after a change. The row decides: between our look at it and the change its state may have moved on. */
function changedJob(change: Change, faultsOf: (refused: JobRecord) => ErrorDetail[]): JobRecord {
  if (change === undefined) throw jobNotFound()
  if ('refused' in change) throw jobFaults('modify', faultsOf(change.refused))
  return change.job
}

function settingsFaults({ state }: JobRecord, settingsSent: string[]): ErrorDetail[] {
  if (state === 'unsubmitted') return []
  return settingsSent.map((target) => ({
    code: 'InvalidChange',
    message: `The settings of a job in state '${state}' cannot be changed.`,
    target,
  }))
}

function stateFaults(job: JobRecord, wanted: JobChange['state']): ErrorDetail[] {
  if (wanted === undefined || wanted === job.state) return []
  if (job.state === (wanted === 'active' ? 'unsubmitted' : 'active')) return []
  const verb = wanted === 'active' ? 'submitted' : 'cancelled'
  const message = `A job in state '${job.state}' cannot be ${verb}.`
  return [{ code: 'InvalidChange', message, target: 'state' }]
}

/** The job as it would be; an output that is new has no reality data yet, and needs none to be looked at. */
function withSettings(job: JobRecord, settings: RequestedSettings): JobRecord {
  const idOf = new Map(job.outputs.map(({ name, realityDataId }) => [name, realityDataId]))
  const outputs = settings.outputs.map((name) => ({ name, realityDataId: idOf.get(name) ?? '' }))
  return { ...job, ...settings, outputs }
}

function hasSettings(job: JobRecord, settings: RequestedSettings | undefined): boolean {
  return settings === undefined || isDeepStrictEqual({ ...job, ...withSettings(job, settings) }, job)
}
