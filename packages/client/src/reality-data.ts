// The Reality Management API: records of reality data, the iTwins they belong to, and access to their files.
import type {
  Extent,
  RealityData,
  RealityDataCreate,
  RealityDataMinimal,
  RealityDataUpdate,
} from '@alidade/contract'
import { arrayIn, objectIn } from './answer.ts'
import { containerUrlIn } from './container-url.ts'
import type { CallOptions } from './jobs.ts'
import { pages } from './pages.ts'
import { pathSegment, type Send } from './send.ts'

export interface RealityDataOptions extends CallOptions {
  /** The iTwin in whose name the data are used. */
  readonly iTwinId?: string
}

/** Both ends are included; without one that side is open. */
export interface TimeInterval {
  readonly from?: Date
  readonly to?: Date
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
  readonly dataCenter?: string
  /** Whose extent meets this one. */
  readonly extent?: Extent
  readonly acquired?: TimeInterval
  readonly created?: TimeInterval
  readonly modified?: TimeInterval
  readonly lastAccessed?: TimeInterval
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
  /** Its files are removed with it. */
  delete(realityDataId: string, options?: CallOptions): Promise<void>
  /** From now on it belongs to this iTwin, whichever it belonged to before. */
  move(realityDataId: string, iTwinId: string, options?: CallOptions): Promise<void>
  /** Ids of the iTwins it belongs to. */
  iTwins(realityDataId: string, options?: CallOptions): Promise<string[]>
  associate(realityDataId: string, iTwinId: string, options?: CallOptions): Promise<void>
  dissociate(realityDataId: string, iTwinId: string, options?: CallOptions): Promise<void>
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
    return containerUrlIn(answer)
  }

  function list<T>(prefer: string, options: ListRealityDataOptions) {
    const { iTwinId, types, search, orderBy, top, tag, ownerId, dataCenter, extent, signal } = options
    const query = {
      iTwinId,
      types: types?.join(','),
      $search: search,
      tag,
      ownerId,
      dataCenter,
      extent: extent && extentText(extent),
      acquisitionDateTime: options.acquired && intervalText(options.acquired),
      createdDateTime: options.created && intervalText(options.created),
      modifiedDateTime: options.modified && intervalText(options.modified),
      lastAccessedDateTime: options.lastAccessed && intervalText(options.lastAccessed),
      $orderBy: orderBy,
      $top: top,
    }
    return pages<T>(send, { method: 'GET', path, query, headers: { prefer }, signal }, 'realityData')
  }

  const iTwinPath = (id: string, iTwinId: string) => `${dataPath(id)}/iTwins/${pathSegment(iTwinId)}`

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
    async move(id, iTwinId, { signal } = {}) {
      await send({ method: 'PATCH', path: `${dataPath(id)}/move`, body: { iTwinId }, signal })
    },
    async iTwins(id, { signal } = {}) {
      const answer = await send({ method: 'GET', path: `${dataPath(id)}/itwins`, signal })
      return arrayIn(answer, 'iTwins')
    },
    async associate(id, iTwinId, { signal } = {}) {
      await send({ method: 'POST', path: iTwinPath(id, iTwinId), signal })
    },
    async dissociate(id, iTwinId, { signal } = {}) {
      await send({ method: 'DELETE', path: iTwinPath(id, iTwinId), signal })
    },
    readAccess: (id, options = {}) => access(id, 'readaccess', options),
    writeAccess: (id, options = {}) => access(id, 'writeaccess', options),
  }
}

function extentText({ southWest, northEast }: Extent): string {
  return [southWest.longitude, southWest.latitude, northEast.longitude, northEast.latitude].join(',')
}

function intervalText({ from, to }: TimeInterval): string {
  return [from, to].map((end) => end?.toISOString() ?? '..').join('/')
}
