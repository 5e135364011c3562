// A page of jobs as one API version asks for it and may see it.
import { type ApiVersion, type ErrorDetail, jobTypeNamed } from '@alidade/contract'
import type { Caller } from '../../auth/caller.ts'
import type { JobFilter } from '../../store/job-filter.ts'
import type { JobRecord } from '../../store/job-record.ts'
import type { JobRequests } from '../../store/job-store.ts'
import {
  continuationToken,
  type ListedFor,
  type ListPosition,
  readContinuationToken,
} from './continuation-token.ts'
import { FilterError, parseFilter, restrictsITwin } from './filter-expression.ts'

export interface ListDependencies {
  store: Pick<JobRequests, 'list'>
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  /** Signs continuation tokens; the same in every process. */
  tokenKey: Uint8Array
}

export interface ListRequest {
  version: ApiVersion
  /** Of the list, for the link to the next page. */
  path: string
  caller: Caller
  query: { $filter?: string; $top?: number; continuationToken?: string }
}

const defaultTop = 100

/** The jobs, and the URL of the page after them; or what is wrong with the request. */
export async function listPage(
  { store, publicUrl, tokenKey }: ListDependencies,
  { version, path, caller, query }: ListRequest,
): Promise<{ jobs: JobRecord[]; next: string | undefined } | { faults: ErrorDetail[] }> {
  const faults: ErrorDetail[] = []
  const listedFor = { org: caller.org, version }
  const position = readPosition(query, listedFor, tokenKey, faults)
  const text = query.$filter?.trim() || position?.filter
  const filter = text === undefined ? undefined : readFilter(text, version, faults)
  if (faults.length > 0) return { faults }
  const top = query.$top ?? position?.top ?? defaultTop
  // Whoever names an iTwin sees what everybody in the tenant does there, otherwise each sees their own.
  const userId = filter !== undefined && restrictsITwin(filter) ? undefined : caller.userId
  const { jobs, more } = await store.list({
    org: caller.org,
    userId,
    version,
    filter,
    top,
    after: position?.after,
  })
  const last = jobs.at(-1)
  if (!more || last === undefined) return { jobs, next: undefined }
  const after = { createdAt: last.createdAt, id: last.id }
  const parameters = [
    ...(text === undefined ? [] : [`$filter=${encodeURIComponent(text)}`]),
    `$top=${top}`,
    `continuationToken=${continuationToken({ after, top, filter: text }, listedFor, tokenKey)}`,
  ]
  return { jobs, next: `${publicUrl()}${path}?${parameters.join('&')}` }
}

function readPosition(
  query: ListRequest['query'],
  listedFor: ListedFor,
  tokenKey: Uint8Array,
  faults: ErrorDetail[],
): ListPosition | undefined {
  if (query.continuationToken === undefined) return undefined
  const position = readContinuationToken(query.continuationToken, listedFor, tokenKey)
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

function readFilter(text: string, version: ApiVersion, faults: ErrorDetail[]): JobFilter | undefined {
  // A name that the version does not know becomes one that no job has, whatever it is called inside.
  const internalTypeName = (name: string) => jobTypeNamed(version, name)?.name ?? `unknown ${name}`
  try {
    return parseFilter(text, internalTypeName)
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    faults.push({ code: 'InvalidParameter', message: error.message, target: '$filter' })
    return undefined
  }
}
