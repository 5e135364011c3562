// The blobs of an API on another machine, by signed URLs: what an agent needs that does not share its folder. Where an
// account holds them, the API says at which URL, and the bytes do not go through it.
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { ServiceError, systemClock } from '@alidade/client'
import { type BlobContainer, listBlobs, openContainer, push } from '@alidade/client/node'
import { accountUrls } from './account-urls.ts'
import { attemptContainerName } from './attempt-container.ts'
import { type BlobProperties, BlobStoreError, type ContainerKey, type WorkBlobs } from './blob-store.ts'
import { signContainer } from './shared-access-signature.ts'

export interface RemoteBlobStoreOptions {
  /** Where the API is reached now, in the order to try; without a slash at the end. */
  apiUrls: () => Promise<string[]>
  keys: readonly Uint8Array[]
  now: () => Date
  fetch?: typeof globalThis.fetch
}

/** Bytes in one request of a download; one is asked for while the one before is read. */
const rangeBytes = 8 * 2 ** 20

/** With pauses of 1, 2, 4 ... 30 s: more than four minutes without an API. */
const maxAttempts = 12

export function openRemoteBlobStore(options: RemoteBlobStoreOptions): WorkBlobs {
  const { keys, now, fetch = globalThis.fetch } = options
  // A signature is good at every API process: where one does not answer, the next one is asked the same.
  let turn = 0
  const reach: typeof globalThis.fetch = async (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    const ours = pathname.indexOf('/alidade-blobs/')
    if (ours < 0) return await fetch(input, init)
    const inContainer = pathname.slice(ours)
    for (let tried = 1; ; tried++) {
      const at = turn
      const base = known[at % known.length]
      try {
        return await fetch(base === undefined ? input : `${base}${inContainer}${search}`, init)
      } catch (error) {
        // Once for all requests that met the same silence.
        if (turn === at) turn++
        // A body that comes in pieces can be sent once; whoever asks has another one for the next try.
        const sentOnce = init?.body instanceof ReadableStream
        if (init?.signal?.aborted || sentOnce || tried >= known.length) throw error
      }
    }
  }

  // Who answered last is asked again while nobody can tell who lives.
  let known: string[] = []
  async function someApi(): Promise<string> {
    const request = 'container URL'
    try {
      known = await options.apiUrls()
    } catch (cause) {
      if (known.length === 0) {
        const message = 'it is not known where the API is'
        throw new ServiceError({ request, code: 'NetworkError', message, cause })
      }
    }
    const url = known[turn % known.length]
    if (url !== undefined) return url
    const message = 'no API process has announced itself'
    throw new ServiceError({ request, code: 'NetworkError', message })
  }

  const accounts = accountUrls(reach, now)

  /** A container URL that is signed when it is asked for, at an API that answers, or at the account that it names. */
  function signedUrl(key: ContainerKey) {
    let refused = false
    return async () => {
      const base = await someApi()
      const containerId = attemptContainerName(key)
      const sas = signContainer(keys, { containerId, permissions: 'racwdl', now: now() })
      const ours = `${base}/alidade-blobs/${containerId}?${sas}`
      // Asked again, the one before was refused.
      const url = await accounts.urlOf(containerId, ours, { anew: refused })
      refused = true
      return url ?? ours
    }
  }
  // A container remembers its URL: one for each call, so that a process that has gone is not asked for ever.
  const open = (key: ContainerKey): BlobContainer =>
    openContainer(signedUrl(key), { fetch: reach, clock: systemClock, maxAttempts })
  const forever = new AbortController().signal

  const list: WorkBlobs['list'] = async (key, { prefix } = {}) => {
    const blobs: BlobProperties[] = []
    try {
      for await (const { name, sizeBytes, etag } of listBlobs(open(key), { prefix, signal: forever }))
        blobs.push(properties(name, sizeBytes, etag))
    } catch (error) {
      if (!(error instanceof ServiceError && error.status === 404)) throw error
      throw new BlobStoreError('ContainerGone', 'the container cannot be reached', { cause: error })
    }
    return { blobs }
  }
  const get = async (key: ContainerKey, name: string) =>
    (await list(key, { prefix: name })).blobs.find((blob) => blob.name === name)

  return {
    list,
    get,

    read: async (key, name, { offset = 0, lengthBytes, ifMatch } = {}) => {
      const blob = await get(key, name)
      if (blob === undefined) throw new BlobStoreError('BlobNotFound', `there is no blob "${name}"`)
      if (ifMatch !== undefined && ifMatch !== blob.etag)
        throw new BlobStoreError('ConditionNotMet', `the blob "${name}" was written meanwhile`)
      const end = Math.min(blob.sizeBytes, lengthBytes === undefined ? Infinity : offset + lengthBytes)
      return { properties: blob, stream: Readable.from(ranges(open(key), blob, offset, end)) }
    },

    publishFile: async (key, name, localPath) => {
      await push(signedUrl(key), [{ path: localPath, name }], { fetch: reach, maxAttempts, concurrency: 4 })
      const written = await get(key, name)
      if (written === undefined) throw new BlobStoreError('ContainerGone', `"${name}" is gone again`)
      await rm(localPath)
      return written
    },

    deleteContainer: async ({ id, attempt }) => {
      if (attempt === undefined) throw new TypeError('an agent deletes what one attempt wrote, never more')
      const container = open({ id, attempt })
      for (const { name } of (await list({ id, attempt })).blobs) {
        const read = async () => undefined
        await container
          .request({ method: 'DELETE', name, expect: 202, read, signal: forever })
          .catch((error: unknown) => {
            if (!(error instanceof ServiceError && error.status === 404)) throw error
          })
      }
    },
  }
}

async function* ranges(container: BlobContainer, blob: BlobProperties, offset: number, end: number) {
  const stopping = new AbortController()
  const fetchRange = (from: number) => {
    const last = Math.min(from + rangeBytes, end) - 1
    const bytes = container
      .request({
        method: 'GET',
        name: blob.name,
        headers: { 'x-ms-range': `bytes=${from}-${last}`, 'if-match': blob.etag },
        expect: 206,
        read: async (response) => new Uint8Array(await response.arrayBuffer()),
        signal: stopping.signal,
      })
      .catch(storeError(blob.name))
    bytes.catch(() => undefined) // heard of when its turn comes
    return bytes
  }
  try {
    let next = offset < end ? fetchRange(offset) : undefined
    for (let from = offset; next !== undefined; ) {
      const bytes: Uint8Array = await next
      from += bytes.length
      next = from < end ? fetchRange(from) : undefined
      yield bytes
    }
  } finally {
    stopping.abort(new Error('nobody reads on'))
  }
}

function storeError(name: string) {
  return (error: unknown): never => {
    if (error instanceof ServiceError && error.status === 404)
      throw new BlobStoreError('BlobNotFound', `there is no blob "${name}"`, { cause: error })
    if (error instanceof ServiceError && error.status === 412)
      throw new BlobStoreError('ConditionNotMet', `the blob "${name}" was written meanwhile`, {
        cause: error,
      })
    throw error
  }
}

/** Listings tell neither times nor types, and no job asks for them. */
function properties(name: string, sizeBytes: number, etag: string): BlobProperties {
  const unknown = new Date(0)
  return { name, sizeBytes, etag, createdAt: unknown, lastModified: unknown, contentType: '' }
}
