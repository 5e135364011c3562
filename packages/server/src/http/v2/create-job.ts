// POST /reality-analysis/jobs: a job, submitted, and its empty outputs.
import { createJobV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { v2Places } from '../jobs/job-places.ts'
import { checkSubmission, type SubmissionDependencies } from '../jobs/submission.ts'
import { registerOperation } from '../operation-route.ts'
import { readJobCreate } from './job-from-v2.ts'
import { toV2Job } from './job-to-v2.ts'
import { cannot, jobFaults } from './v2-faults.ts'

export interface CreateDependencies extends SubmissionDependencies {
  store: Pick<JobRequests, 'createSubmitted'>
  realityData: Pick<RealityDataStore, 'get' | 'claimITwin'>
}

// Any object comes in here: `readJobCreate` knows the shape, and lists faults of shape and of meaning alike.
const operation = { ...createJobV2, body: Type.Record(Type.String(), Type.Unknown()) }

export function createJobRoute(app: FastifyInstance, dependencies: CreateDependencies): void {
  const { store, realityData } = dependencies
  registerOperation(
    app,
    operation,
    async ({ caller, body, headers }) => {
      const { value, faults } = readJobCreate(body, headers['alidade-time-limit'])
      if (faults !== undefined) throw jobFaults('create', faults, 400)
      const { iTwinId, settings } = value
      if (!(await realityData.claimITwin(caller.org, iTwinId))) {
        const message = `iTwin '${iTwinId}' does not exist.`
        throw jobFaults('create', [{ code: 'InvalidValue', message, target: 'iTwinId' }], 400)
      }
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
