// GET /realitydataanalysis/jobs/{jobId}
import { getJob } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import { findJob } from '../jobs/find-job.ts'
import { registerOperation } from '../operation-route.ts'
import { toV1Job } from './job-to-v1.ts'
import { jobNotFound } from './v1-faults.ts'

export function getJobRoute(app: FastifyInstance, { store }: { store: Pick<JobRequests, 'get'> }): void {
  registerOperation(app, getJob, async ({ caller, params }) => {
    const job = await findJob(store, 'v1', caller.org, params.jobId)
    if (job === undefined) throw jobNotFound()
    return { status: 200, body: { job: toV1Job(job) } }
  })
}
