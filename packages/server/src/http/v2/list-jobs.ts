// GET /reality-analysis/jobs?$filter[&$top][&continuationToken]
import { listJobsV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type ListDependencies, listPage } from '../jobs/list-page.ts'
import { registerOperation } from '../operation-route.ts'
import { toV2Job } from './job-to-v2.ts'
import { cannot, jobFaults } from './v2-faults.ts'

// Without the default of $top: a page that continues another keeps its size unless the client names one.
const operation = {
  ...listJobsV2,
  query: Type.Object({
    ...listJobsV2.query.properties,
    $top: Type.Optional(Type.Integer({ ...listJobsV2.query.properties.$top, default: undefined })),
  }),
}

const noFilter = { code: 'InvalidParameter', message: "Parameter '$filter' is required.", target: '$filter' }

export function listJobsRoute(app: FastifyInstance, dependencies: ListDependencies): void {
  registerOperation(
    app,
    operation,
    async ({ caller, query }) => {
      if (query.$filter.trim() === '') throw jobFaults('list', [noFilter])
      const page = await listPage(dependencies, { version: 'v2', path: listJobsV2.path, caller, query })
      if ('faults' in page) throw jobFaults('list', page.faults)
      const links = page.next === undefined ? {} : { _links: { next: { href: page.next } } }
      return { status: 200, body: { jobs: page.jobs.map(toV2Job), ...links } }
    },
    { faultMessage: cannot.list, faultStatus: 422 },
  )
}
