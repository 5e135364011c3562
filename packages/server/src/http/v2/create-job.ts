// POST /reality-analysis/jobs: a job, submitted, and its empty outputs.
import { createJobV2, type ErrorDetail, type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { type PinDetectors, withoutDetectors } from '../detectors/pin-detectors.ts'
import { nameIn } from '../jobs/declared-names.ts'
import { v2Places } from '../jobs/job-places.ts'
import { checkSubmission, type SubmissionDependencies } from '../jobs/submission.ts'
import { registerOperation } from '../operation-route.ts'
import { readJobCreate } from './job-from-v2.ts'
import { toV2Job } from './job-to-v2.ts'
import { cannot, jobFaults } from './v2-faults.ts'

export interface CreateDependencies extends SubmissionDependencies {
  /** Default: no input is a detector. */
  pinDetectors?: PinDetectors
  store: Pick<JobRequests, 'createSubmitted'>
  realityData: Pick<RealityDataStore, 'get' | 'claimITwin'>
}

// Any object comes in here: `readJobCreate` knows the shape, and lists faults of shape and of meaning alike.
const operation = { ...createJobV2, body: Type.Record(Type.String(), Type.Unknown()) }

export function createJobRoute(app: FastifyInstance, dependencies: CreateDependencies): void {
  const { store, realityData, pinDetectors = withoutDetectors } = dependencies
  registerOperation(
    app,
    operation,
    async ({ caller, body, headers }) => {
      const { value, faults } = readJobCreate(body, headers)
      if (faults !== undefined) throw jobFaults('create', faults, 400)
      const { iTwinId, settings } = value
      if (!(await realityData.claimITwin(caller.org, iTwinId))) {
        const message = `iTwin '${iTwinId}' does not exist.`
        throw jobFaults('create', [{ code: 'InvalidValue', message, target: 'iTwinId' }], 400)
      }
      const { inputs: declared }: JobTypeDeclaration = jobTypes[settings.type]
      const pinned = await pinDetectors(caller.org, declared, settings.inputs)
      const unfit = pinned.faults.map(({ index, message }): ErrorDetail => {
        const name = nameIn('v2', declared, settings.inputs[index]!.name)
        return { code: 'InvalidValue', message, target: v2Places.input(index, name) }
      })
      if (unfit.length > 0) throw jobFaults('create', unfit)
      settings.inputs = pinned.inputs
      const outputs = settings.outputs.map((name) => ({ name, realityDataId: '' }))
      const check = await checkSubmission(
        { org: caller.org, iTwinId, ...settings, outputs },
        v2Places,
        dependencies,
      )
      if (check.faults.length > 0) throw jobFaults('create', check.faults)
      const job = await store.createSubmitted(caller, iTwinId, settings, check.warnings, check)
      return { status: 201, body: { job: toV2Job(job) } }
    },
    { faultMessage: cannot.create },
  )
}
