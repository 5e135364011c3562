// GET /realitydataanalysis/jobs?$filter&$top&continuationToken
import { type ErrorDetail, jobTypeNamed, listJobs } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { JobFilter } from '../../store/job-filter.ts'
import type { JobRecord } from '../../store/job-record.ts'
import type { JobRequests } from '../../store/job-store.ts'
import { registerOperation } from '../operation-route.ts'
import { continuationToken, type ListPosition, readContinuationToken } from './continuation-token.ts'
import { FilterError, parseFilter, restrictsITwin } from './filter-expression.ts'
import { toV1Job } from './job-to-v1.ts'
import { cannot, jobFaults } from './v1-faults.ts'

export interface ListDependencies {
  store: Pick<JobRequests, 'list'>
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  /** Signs continuation tokens; the same in every process. */
  tokenKey: Uint8Array
}

const defaultTop = 100

// Without the default of $top: a page that continues another keeps its size unless the client names one.
const operation = {
  ...listJobs,
  query: Type.Object({
    ...listJobs.query.properties,
    $top: Type.Optional(Type.Integer({ ...listJobs.query.properties.$top, default: undefined })),
  }),
}

interface Page {
  text: string | undefined
  filter: JobFilter | undefined
  top: number
  after: ListPosition['after'] | undefined
}

export function listJobsRoute(app: FastifyInstance, { store, publicUrl, tokenKey }: ListDependencies): void {
  registerOperation(
    app,
    operation,
    async ({ caller, query }) => {
      const page = readPage(query, tokenKey)
      const { text, filter, top, after } = page
      // Whoever names an iTwin sees what everybody in the tenant does there, otherwise each sees their own.
      const userId = filter !== undefined && restrictsITwin(filter) ? undefined : caller.userId
      const { jobs, more } = await store.list({ org: caller.org, userId, filter, top, after })
      const last = jobs.at(-1)
      const next = more && last !== undefined ? nextLink(publicUrl(), text, top, last, tokenKey) : undefined
      return {
        status: 200,
        body: { jobs: jobs.map(toV1Job), ...(next !== undefined && { _links: { next: { href: next } } }) },
      }
    },
    { faultMessage: cannot.list },
  )
}

function readPage(
  query: { $filter?: string; $top?: number; continuationToken?: string },
  tokenKey: Uint8Array,
): Page {
  const faults: ErrorDetail[] = []
  const position = readPosition(query, tokenKey, faults)
  const text = query.$filter?.trim() || position?.filter
  const filter = text === undefined ? undefined : readFilter(text, faults)
  if (faults.length > 0) throw jobFaults('list', faults)
  return { text, filter, top: query.$top ?? position?.top ?? defaultTop, after: position?.after }
}

function readPosition(
  query: { $filter?: string; continuationToken?: string },
  tokenKey: Uint8Array,
  faults: ErrorDetail[],
): ListPosition | undefined {
  if (query.continuationToken === undefined) return undefined
  const position = readContinuationToken(query.continuationToken, tokenKey)
  const filter = query.$filter?.trim() || undefined
  const fault =
    position === undefined
      ? 'The continuation token is not one of this service; take it from _links.next.href as it is.'
      : filter !== undefined && filter !== position.filter
        ? 'The continuation token belongs to a list with another $filter.'
        : undefined
  if (fault !== undefined) {
    faults.push({ code: 'InvalidParameter', message: fault, target: 'continuationToken' })
  }
  return position
}

function readFilter(text: string, faults: ErrorDetail[]): JobFilter | undefined {
  try {
    return parseFilter(text, internalTypeName)
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    faults.push({ code: 'InvalidParameter', message: error.message, target: '$filter' })
    return undefined
  }
}

/** A name that v1 does not know becomes one that no job has, whatever it is called inside. */
function internalTypeName(name: string): string {
  return jobTypeNamed('v1', name)?.name ?? `unknown ${name}`
}

function nextLink(
  publicUrl: string,
  filter: string | undefined,
  top: number,
  last: JobRecord,
  tokenKey: Uint8Array,
): string {
  const after = { createdAt: last.createdAt, id: last.id }
  const parameters = [
    ...(filter === undefined ? [] : [`$filter=${encodeURIComponent(filter)}`]),
    `$top=${top}`,
    `continuationToken=${continuationToken({ after, top, filter }, tokenKey)}`,
  ]
  return `${publicUrl}${listJobs.path}?${parameters.join('&')}`
}
