// DELETE /realitydataanalysis/jobs/{jobId}: only what was never submitted goes away.
import { deleteJob } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import { findJob } from '../jobs/find-job.ts'
import { registerOperation } from '../operation-route.ts'
import { jobFaults, jobNotFound } from './v1-faults.ts'

export function deleteJobRoute(
  app: FastifyInstance,
  { store }: { store: Pick<JobRequests, 'get' | 'delete'> },
): void {
  registerOperation(app, deleteJob, async ({ caller, params }) => {
    const job = await findJob(store, 'v1', caller.org, params.jobId)
    const change = job && (await store.delete(caller.org, job.id))
    if (change === undefined) throw jobNotFound()
    if ('refused' in change) {
      throw jobFaults('delete', [{ code: 'InvalidChange', message: 'Submitted job cannot be deleted.' }])
    }
    return { status: 204 }
  })
}
