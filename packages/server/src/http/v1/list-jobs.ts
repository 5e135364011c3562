// GET /realitydataanalysis/jobs?$filter&$top&continuationToken
import { listJobs } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type ListDependencies, listPage } from '../jobs/list-page.ts'
import { registerOperation } from '../operation-route.ts'
import { toV1Job } from './job-to-v1.ts'
import { cannot, jobFaults } from './v1-faults.ts'

// Without the default of $top: a page that continues another keeps its size unless the client names one.
const operation = {
  ...listJobs,
  query: Type.Object({
    ...listJobs.query.properties,
    $top: Type.Optional(Type.Integer({ ...listJobs.query.properties.$top, default: undefined })),
  }),
}

export function listJobsRoute(app: FastifyInstance, dependencies: ListDependencies): void {
  registerOperation(
    app,
    operation,
    async ({ caller, query }) => {
      const page = await listPage(dependencies, { version: 'v1', path: listJobs.path, caller, query })
      if ('faults' in page) throw jobFaults('list', page.faults)
      const links = page.next === undefined ? {} : { _links: { next: { href: page.next } } }
      return { status: 200, body: { jobs: page.jobs.map(toV1Job), ...links } }
    },
    { faultMessage: cannot.list },
  )
}
