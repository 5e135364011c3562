// GET /reality-analysis/jobs/{jobId} and .../messages
import { getJobMessages, getJobV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import { findJob } from '../jobs/find-job.ts'
import { registerOperation } from '../operation-route.ts'
import { toV2Job, toV2Messages } from './job-to-v2.ts'
import { jobNotFound } from './v2-faults.ts'

export function getJobRoutes(app: FastifyInstance, { store }: { store: Pick<JobRequests, 'get'> }): void {
  registerOperation(app, getJobV2, async ({ caller, params }) => {
    const job = await findJob(store, 'v2', caller.org, params.jobId)
    if (job === undefined) throw jobNotFound()
    return { status: 200, body: { job: toV2Job(job) } }
  })

  registerOperation(app, getJobMessages, async ({ caller, params }) => {
    const job = await findJob(store, 'v2', caller.org, params.jobId)
    if (job === undefined) throw jobNotFound()
    return { status: 200, body: { messages: toV2Messages(job) } }
  })
}
