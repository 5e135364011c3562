/** The operations of the Azure Blob dialect, one function each, called for requests that may do them. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AzureError } from './azure-error.ts'
import { listingXml } from './azure-xml.ts'
import {
  type BlobProperties,
  type BlobStore,
  BlobStoreError,
  type ContainerKey,
  type ContentProperties,
  maxListResults,
  type OpenedBlob,
  type WriteCondition,
} from './blob-store.ts'
import type { BlobUrl } from './blob-url.ts'
import { maxBlockListBytes, parseBlockList } from './block-list-xml.ts'
import { type ByteRange, parseByteRange } from './byte-range.ts'
import { decideRead, writeConditionOf } from './conditional-headers.ts'
import { declaredBytes, readBody, readSmallBody } from './request-body.ts'

export interface BlobRequest {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly url: BlobUrl
  /** Empty where the URL names the container. */
  readonly name: string
  readonly store: BlobStore
  readonly container: ContainerKey
  /** Where the account that holds the container lets it be reached; undefined where there is none. */
  readonly accountUrl: () => Promise<string> | undefined
  /** Public URL of all containers, with a slash at the end. */
  readonly serviceEndpoint: string
  /** The blob must not exist yet. */
  readonly createOnly: boolean
  readonly maxBlobBytes: number
  readonly idleMilliseconds: number
}

/** Sends its answer; throws `AzureError` or `BlobStoreError`. */
export type BlobOperation = (blobRequest: BlobRequest) => Promise<FastifyReply>

export const putBlob: BlobOperation = async (context) => {
  const { request, reply, store, container, name } = context
  refuseCopies(request)
  const type = headerOf(request, 'x-ms-blob-type')
  if (type === undefined) throw new AzureError('MissingRequiredHeader', 'expected the header x-ms-blob-type')
  if (type.toLowerCase() !== 'blockblob') {
    throw new AzureError('InvalidHeaderValue', `expected x-ms-blob-type: BlockBlob, got ${type}`)
  }
  const promises = bodyPromises(context)
  const properties = await store.putBlob(container, name, bodyOf(context), {
    ...promises,
    // The body is the whole blob, so its MD5 is one to keep.
    ...(promises.md5 !== undefined && { contentMd5: promises.md5 }),
    ...contentOf(request, headerOf(request, 'content-type')),
    ...conditionOf(context),
  })
  const { contentMd5 } = properties
  if (contentMd5 !== undefined) reply.header('content-md5', contentMd5)
  return await reply.code(201).headers(versionHeaders(properties)).send()
}

export const putBlock: BlobOperation = async (context) => {
  const { request, reply, store, container, name, url } = context
  refuseCopies(request)
  const blockId = url.query.get('blockid')
  if (blockId === null) throw new AzureError('InvalidQueryParameterValue', 'expected the parameter blockid')
  await store.putBlock(container, name, blockId, bodyOf(context), bodyPromises(context))
  return await reply.code(201).header('x-ms-request-server-encrypted', 'false').send()
}

export const putBlockList: BlobOperation = async (context) => {
  const { request, reply, store, container, name, maxBlobBytes, idleMilliseconds } = context
  const body = await readSmallBody(request.raw, { maxBytes: maxBlockListBytes, idleMilliseconds })
  const properties = await store.commitBlocks(container, name, parseBlockList(body), {
    ...contentOf(request, undefined),
    ...conditionOf(context),
    maxSizeBytes: maxBlobBytes,
  })
  return await reply.code(201).headers(versionHeaders(properties)).send()
}

export const getBlob: BlobOperation = async (context) => {
  const { reply, idleMilliseconds } = context
  const found = await openWanted(context)
  if (found === 'not modified')
    return await reply.code(304).header('x-ms-error-code', 'ConditionNotMet').send()
  const { properties, range, stream } = found
  reply.headers({
    ...versionHeaders(properties),
    'accept-ranges': 'bytes',
    'content-type': properties.contentType,
    'content-length': String(range?.lengthBytes ?? properties.sizeBytes),
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-creation-time': properties.createdAt.toUTCString(),
    'x-ms-lease-state': 'available',
    'x-ms-lease-status': 'unlocked',
    'x-ms-server-encrypted': 'false',
  })
  if (properties.contentEncoding !== undefined) reply.header('content-encoding', properties.contentEncoding)
  if (properties.contentMd5 !== undefined) {
    // The MD5 is that of the whole blob, so an answer with a part of it must not call it Content-MD5.
    reply.header(range === undefined ? 'content-md5' : 'x-ms-blob-content-md5', properties.contentMd5)
  }
  if (range !== undefined) {
    const last = range.offset + range.lengthBytes - 1
    reply.code(206).header('content-range', `bytes ${range.offset}-${last}/${properties.sizeBytes}`)
  }
  if (stream === undefined) return await reply.send()
  // A client that stops reading must not hold files open for ever.
  reply.raw.setTimeout(idleMilliseconds, () => reply.raw.destroy())
  return await reply.send(stream)
}

export const deleteBlob: BlobOperation = async ({ request, reply, store, container, name }) => {
  if (!(await store.delete(container, name, writeConditionOf(request.headers)))) throw notFound()
  return await reply.code(202).header('x-ms-delete-type-permanent', 'true').send()
}

export const listBlobs: BlobOperation = async ({ reply, store, container, serviceEndpoint, url }) => {
  if (url.query.get('restype')?.toLowerCase() !== 'container') {
    throw new AzureError('InvalidQueryParameterValue', 'expected restype=container')
  }
  if (url.query.has('delimiter')) {
    throw new AzureError('UnsupportedQueryParameter', 'listings are flat: delimiter is not delivered')
  }
  const prefix = url.query.get('prefix') ?? ''
  const marker = url.query.get('marker') ?? ''
  const asked = url.query.get('maxresults')
  const maxResults = asked === null ? undefined : Number(asked)
  if (maxResults !== undefined && !(Number.isInteger(maxResults) && maxResults >= 1)) {
    throw new AzureError('OutOfRangeQueryParameterValue', 'maxresults must be a whole number >= 1')
  }
  const pageSize = Math.min(maxResults ?? maxListResults, maxListResults)
  const page = await store.list(container, { prefix, marker, maxResults: pageSize })
  const xml = listingXml({
    serviceEndpoint,
    containerId: url.containerId,
    prefix,
    marker,
    maxResults: maxResults === undefined ? undefined : pageSize,
    page,
  })
  return await reply.header('content-type', 'application/xml').send(xml)
}

export const getContainer: BlobOperation = async ({ reply, url, container, store }) => {
  if (url.query.get('restype')?.toLowerCase() !== 'container') {
    throw new AzureError('InvalidQueryParameterValue', 'expected restype=container')
  }
  const { blobs } = await store.list(container)
  const lastModified = new Date(Math.max(0, ...blobs.map((blob) => blob.lastModified.getTime())))
  const headers = {
    etag: `"0x${lastModified.getTime().toString(16).toUpperCase()}"`,
    'last-modified': lastModified.toUTCString(),
    'x-ms-lease-state': 'available',
    'x-ms-lease-status': 'unlocked',
  }
  return await reply.headers(headers).send()
}

/** Ours, for agents: the URL at which the account itself has the container, or 204 where it is reached here. */
export const getContainerUrl: BlobOperation = async ({ reply, accountUrl }) => {
  const url = await accountUrl()
  if (url === undefined) return await reply.code(204).send()
  return await reply.header('content-type', 'text/plain').send(url)
}

type Wanted = { properties: BlobProperties; range: ByteRange | undefined; stream?: OpenedBlob['stream'] }

/**
 * Decides conditions and range and opens that very version; begins again if it was overwritten in between.
 */
async function openWanted(context: BlobRequest): Promise<Wanted | 'not modified'> {
  const { request, store, container, name } = context
  const { headers } = request
  for (let attempt = 1; ; attempt++) {
    const properties = await store.get(container, name)
    if (properties === undefined) throw notFound()
    const decision = decideRead(headers, properties)
    if (decision === 'failed')
      throw new AzureError('ConditionNotMet', 'a condition of the request is not met')
    if (decision === 'not modified') return decision
    const asked = headerOf(request, 'x-ms-range') ?? headerOf(request, 'range')
    const range = decision === 'whole' ? undefined : parseByteRange(asked, properties.sizeBytes)
    if (range === 'unsatisfiable') {
      const contentRange = { 'content-range': `bytes */${properties.sizeBytes}` }
      throw new AzureError('InvalidRange', `the blob has ${properties.sizeBytes} bytes`, {
        headers: contentRange,
      })
    }
    if (request.method === 'HEAD') return { properties, range: undefined }
    try {
      const { stream } = await store.read(container, name, { ...range, ifMatch: properties.etag })
      return { properties, range, stream }
    } catch (error) {
      const overwritten = error instanceof BlobStoreError && error.code === 'ConditionNotMet'
      if (!overwritten || attempt === 10) throw error
    }
  }
}

function bodyOf({ request, maxBlobBytes, idleMilliseconds }: BlobRequest): AsyncIterable<Uint8Array> {
  return readBody(request.raw, { maxBytes: maxBlobBytes, idleMilliseconds })
}

function bodyPromises({ request, maxBlobBytes }: BlobRequest): { sizeBytes?: number; md5?: string } {
  const sizeBytes = declaredBytes(request.raw, maxBlobBytes)
  const md5 = headerOf(request, 'content-md5')
  if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(md5)) {
    throw new AzureError('InvalidMd5', 'expected content-md5 to be base64 of 16 bytes')
  }
  return { ...(sizeBytes !== undefined && { sizeBytes }), ...(md5 !== undefined && { md5 }) }
}

function contentOf(request: FastifyRequest, contentTypeOfBody: string | undefined): ContentProperties {
  const contentType = headerOf(request, 'x-ms-blob-content-type') ?? contentTypeOfBody
  const contentEncoding = headerOf(request, 'x-ms-blob-content-encoding')
  const contentMd5 = headerOf(request, 'x-ms-blob-content-md5')
  return {
    ...(contentType !== undefined && { contentType }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    ...(contentMd5 !== undefined && { contentMd5 }),
  }
}

function conditionOf({ request, createOnly }: BlobRequest): WriteCondition {
  const condition = writeConditionOf(request.headers)
  return createOnly ? { ...condition, ifNoneMatch: '*' } : condition
}

/** A copy sends no body: taken for an upload it would leave an empty blob. */
function refuseCopies(request: FastifyRequest): void {
  for (const header of ['x-ms-copy-source', 'x-ms-structured-body']) {
    if (request.headers[header] !== undefined) {
      throw new AzureError('UnsupportedHeader', `this service does not deliver ${header}`)
    }
  }
}

function versionHeaders({ etag, lastModified }: BlobProperties): Record<string, string> {
  return { etag, 'last-modified': lastModified.toUTCString(), 'x-ms-request-server-encrypted': 'false' }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function notFound(): AzureError {
  return new AzureError('BlobNotFound', 'the blob does not exist')
}
