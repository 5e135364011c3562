// DELETE /reality-analysis/jobs/{jobId}: a cancel. The record stays.
import { cancelJobV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import { findJob } from '../jobs/find-job.ts'
import { registerOperation } from '../operation-route.ts'
import { toV2State } from './job-state.ts'
import { toV2Job } from './job-to-v2.ts'
import { jobFaults, jobNotFound } from './v2-faults.ts'

export function cancelJobRoute(
  app: FastifyInstance,
  { store }: { store: Pick<JobRequests, 'get' | 'cancel'> },
): void {
  registerOperation(app, cancelJobV2, async ({ caller, params }) => {
    const job = await findJob(store, 'v2', caller.org, params.jobId)
    const change = job && (await store.cancel(caller.org, job.id))
    if (change === undefined) throw jobNotFound()
    if ('refused' in change) {
      const message = `A job in state '${toV2State(change.refused)}' cannot be cancelled.`
      throw jobFaults('cancel', [{ code: 'InvalidChange', message }])
    }
    return { status: 200, body: { job: toV2Job(change.job) } }
  })
}
