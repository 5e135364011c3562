// The part of the Reality Management API that jobs need: records of reality data, and access to their files.
import type { RealityData, RealityDataCreate, RealityDataMinimal, RealityDataUpdate } from '@alidade/contract'
import { objectIn, unexpectedAnswer } from './answer.ts'
import type { CallOptions } from './jobs.ts'
import { pages } from './pages.ts'
import { pathSegment, type Send } from './send.ts'

export interface RealityDataOptions extends CallOptions {
  /** The iTwin in whose name the data are used. */
  readonly iTwinId?: string
}

export interface ListRealityDataOptions extends RealityDataOptions {
  readonly types?: readonly string[]
  readonly search?: string
  /** E.g. `displayName desc`. */
  readonly orderBy?: string
  /** Records per request, 1 to 1000. */
  readonly top?: number
  readonly tag?: string
  readonly ownerId?: string
}

/** Every call rejects with a ServiceError if the service refuses it. */
export interface RealityDataCalls {
  create(data: RealityDataCreate, options?: CallOptions): Promise<RealityData>
  get(realityDataId: string, options?: RealityDataOptions): Promise<RealityData>
  /** All records that match, fetched page by page as they are consumed. */
  list(options?: ListRealityDataOptions): AsyncGenerator<RealityData, void, undefined>
  /** The same with id, displayName and type alone. */
  listMinimal(options?: ListRealityDataOptions): AsyncGenerator<RealityDataMinimal, void, undefined>
  update(realityDataId: string, changes: RealityDataUpdate, options?: CallOptions): Promise<RealityData>
  delete(realityDataId: string, options?: CallOptions): Promise<void>
  /** The container URL for listing and reading, signed; it works for about an hour. Keep it out of logs. */
  readAccess(realityDataId: string, options?: RealityDataOptions): Promise<string>
  /** The container URL for writing, signed; it works for about an hour. Keep it out of logs. */
  writeAccess(realityDataId: string, options?: RealityDataOptions): Promise<string>
}

const path = '/reality-management/reality-data'

export function createRealityData(send: Send): RealityDataCalls {
  const dataPath = (id: string) => `${path}/${pathSegment(id)}`

  async function access(id: string, kind: string, { iTwinId, signal }: RealityDataOptions): Promise<string> {
    const answer = await send({ method: 'GET', path: `${dataPath(id)}/${kind}`, query: { iTwinId }, signal })
    const href = objectIn<{ containerUrl?: { href?: unknown } | null }>(answer, '_links').containerUrl?.href
    if (typeof href !== 'string' || !URL.canParse(href)) {
      throw unexpectedAnswer(answer, 'a URL in _links.containerUrl.href')
    }
    return href
  }

  function list<T>(prefer: string, options: ListRealityDataOptions) {
    const { iTwinId, types, search, orderBy, top, tag, ownerId, signal } = options
    const filter = { iTwinId, types: types?.join(','), $search: search, tag, ownerId }
    const query = { ...filter, $orderBy: orderBy, $top: top }
    return pages<T>(send, { method: 'GET', path, query, headers: { prefer }, signal }, 'realityData')
  }

  return {
    async create(data, { signal } = {}) {
      return objectIn(await send({ method: 'POST', path, body: data, signal }), 'realityData')
    },
    async get(id, { iTwinId, signal } = {}) {
      const answer = await send({ method: 'GET', path: dataPath(id), query: { iTwinId }, signal })
      return objectIn(answer, 'realityData')
    },
    list: (options = {}) => list<RealityData>('return=representation', options),
    listMinimal: (options = {}) => list<RealityDataMinimal>('return=minimal', options),
    async update(id, changes, { signal } = {}) {
      const answer = await send({ method: 'PATCH', path: dataPath(id), body: changes, signal })
      return objectIn(answer, 'realityData')
    },
    async delete(id, { signal } = {}) {
      await send({ method: 'DELETE', path: dataPath(id), signal })
    },
    readAccess: (id, options = {}) => access(id, 'readaccess', options),
    writeAccess: (id, options = {}) => access(id, 'writeaccess', options),
  }
}
