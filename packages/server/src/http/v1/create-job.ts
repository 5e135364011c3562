// POST /realitydataanalysis/jobs: a job, not yet submitted, and its empty outputs.
import { createJob, jobTypes } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { type PinDetectors, withoutDetectors } from '../detectors/pin-detectors.ts'
import { registerOperation } from '../operation-route.ts'
import { readJobCreate } from './job-from-v1.ts'
import { toV1Job } from './job-to-v1.ts'
import { cannot, inputFault, jobFaults } from './v1-faults.ts'

export interface CreateDependencies {
  /** Default: no input is a detector. */
  pinDetectors?: PinDetectors
  store: Pick<JobRequests, 'create'>
  realityData: Pick<RealityDataStore, 'claimITwin'>
}

// Any object comes in here: `readJobCreate` knows the shape, and lists faults of shape and of meaning together.
const operation = { ...createJob, body: Type.Record(Type.String(), Type.Unknown()) }

export function createJobRoute(
  app: FastifyInstance,
  { store, realityData, pinDetectors = withoutDetectors }: CreateDependencies,
): void {
  registerOperation(
    app,
    operation,
    async ({ caller, body, headers }) => {
      const { value, faults } = readJobCreate(body, headers)
      if (faults !== undefined) throw jobFaults('create', faults)
      const { iTwinId, settings } = value
      if (!(await realityData.claimITwin(caller.org, iTwinId))) {
        const message = `iTwin '${iTwinId}' does not exist.`
        throw jobFaults('create', [{ code: 'InvalidValue', message, target: 'iTwinId' }])
      }
      const { inputs, faults: missing } = await pinDetectors(
        caller.org,
        jobTypes[settings.type].inputs,
        settings.inputs,
      )
      if (missing.length > 0) throw jobFaults('create', missing.map(inputFault))
      return {
        status: 201,
        body: { job: toV1Job(await store.create(caller, iTwinId, { ...settings, inputs })) },
      }
    },
    { faultMessage: cannot.create },
  )
}
