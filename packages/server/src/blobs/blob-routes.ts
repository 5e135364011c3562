/**
 * The Azure Blob dialect at `/alidade-blobs/<container>[/<name>]?<sas>`: Put Blob, Put Block, Put Block List,
 * List Blobs (flat), Get Blob and its properties, Delete Blob. Here a request is authorised and sent to its
 * operation; `blob-operations.ts` has the operations.
 *
 * The app around needs `requestTimeout: 0` (Fastify's default): large uploads take longer than any fixed
 * limit. The idle timeout here ends those that stopped.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AzureError, azureErrorOf } from './azure-error.ts'
import {
  type BlobOperation,
  deleteBlob,
  getBlob,
  getContainer,
  getContainerUrl,
  listBlobs,
  putBlob,
  putBlock,
  putBlockList,
} from './blob-operations.ts'
import { type BlobStore, BlobStoreError, type ContainerKey } from './blob-store.ts'
import { type BlobUrl, parseBlobUrl } from './blob-url.ts'
import type { ContainerUrls } from './container-urls.ts'
import { refuseRequest } from './refuse-request.ts'
import { verifySignature } from './shared-access-signature.ts'

export interface BlobRoutesOptions {
  readonly store: BlobStore
  /** 32 bytes each; any of them may have signed a URL. */
  readonly keys: readonly Uint8Array[]
  readonly now: () => Date
  /** What a container URL stands for now; asked only after its signature was found right. */
  readonly resolveContainer: (id: string) => Promise<ResolvedContainer | undefined>
  /** Of the account that holds the blobs; undefined where they are reached here only. */
  readonly accountUrls?: ContainerUrls | undefined
  /** Where clients reach the service, without a slash at the end. */
  readonly publicUrl: () => string
  /** Largest blob, and largest body of one request. */
  readonly maxBlobBytes: number
  /** An upload or download in which nothing moves for so long is ended. Default 60 s. */
  readonly idleMilliseconds?: number
  /** Default: the log of the app. */
  readonly log?: FastifyBaseLogger
}

export interface ResolvedContainer {
  readonly container: ContainerKey
  readonly writable: boolean
  /** Largest blob that it takes; default: as the service. */
  readonly maxBlobBytes?: number
}

/** Any one of these permissions suffices; `undefined` operations answer 400. */
interface Route {
  readonly permissions: string
  readonly writes: boolean
  readonly operation: BlobOperation
}

/** Keys: method, then `container` or `blob`, then the `comp` parameter. */
const routes: Readonly<Record<string, Route>> = {
  'GET container list': { permissions: 'l', writes: false, operation: listBlobs },
  'GET container': { permissions: 'rl', writes: false, operation: getContainer },
  // Of all that sign, agents alone may delete where an account has the blobs.
  'GET container url': { permissions: 'd', writes: false, operation: getContainerUrl },
  'HEAD container': { permissions: 'rl', writes: false, operation: getContainer },
  'GET blob': { permissions: 'r', writes: false, operation: getBlob },
  'HEAD blob': { permissions: 'r', writes: false, operation: getBlob },
  'PUT blob': { permissions: 'wc', writes: true, operation: putBlob },
  'PUT blob block': { permissions: 'wc', writes: true, operation: putBlock },
  'PUT blob blocklist': { permissions: 'wc', writes: true, operation: putBlockList },
  'DELETE blob': { permissions: 'd', writes: true, operation: deleteBlob },
}

export async function blobRoutes(app: FastifyInstance, options: BlobRoutesOptions): Promise<void> {
  const { now } = options

  // Bodies are handed over unread, of whatever type.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'x-ms-request-id': randomUUID(),
      'x-ms-version': echoed(request, 'x-ms-version', /^[\d-]{1,20}$/) ?? '2024-11-04',
      // A SAS URL needs no Authorization header, so a shared cache would take the answer for everybody's.
      'cache-control': 'private, no-cache',
      // Uploads are strangers' files on our origin: a browser must not run them.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
    const clientRequestId = echoed(request, 'x-ms-client-request-id', /^[\x20-\x7e]{1,1024}$/)
    if (clientRequestId !== undefined) reply.header('x-ms-client-request-id', clientRequestId)
    done()
  })

  app.setErrorHandler(async (error, request, reply) => {
    const told = azureErrorFor(error)
    if (told.status >= 500) (options.log ?? request.log).error({ err: error }, 'blob request failed')
    await refuseRequest(request, reply, told, now())
  })

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const url = parseBlobUrl(request.raw.url ?? '')
    const { resolved, permissions } = await authorise(request, url, options)
    const route = findRoute(request.method, url)
    if (![...route.permissions].some((permission) => permissions.has(permission))) {
      throw new AzureError('AuthorizationPermissionMismatch', 'the URL was not signed for this operation')
    }
    if (resolved === undefined) {
      throw new AzureError('ContainerNotFound', 'the container does not exist')
    }
    if (route.writes && !resolved.writable) {
      throw new AzureError('BlobImmutableDueToPolicy', 'the container does not take uploads any more')
    }
    return await route.operation({
      request,
      reply,
      url,
      name: url.name ?? '',
      store: options.store,
      container: resolved.container,
      accountUrl: () =>
        // A linked folder is here, wherever the account is.
        resolved.container.linkedFolder === undefined
          ? options.accountUrls?.signedUrl(resolved.container, resolved.writable ? 'Write' : 'Read')
          : undefined,
      serviceEndpoint: `${options.publicUrl()}/alidade-blobs/`,
      // Without `w`, `c` makes new blobs only.
      createOnly: !permissions.has('w'),
      maxBlobBytes: Math.min(options.maxBlobBytes, resolved.maxBlobBytes ?? options.maxBlobBytes),
      idleMilliseconds: options.idleMilliseconds ?? 60_000,
    })
  }

  for (const path of ['/alidade-blobs/:container', '/alidade-blobs/:container/*']) {
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH'],
      url: path,
      exposeHeadRoute: false,
      // A signature in a log would let its readers in.
      logSerializers: { req: ({ method, url }) => ({ method, url: url.replace(/\?.*/, '?...') }) },
      handler,
    })
  }
}

async function authorise(
  request: FastifyRequest,
  { containerId, name, query }: BlobUrl,
  options: BlobRoutesOptions,
) {
  const check = verifySignature(options.keys, containerId, query, options.now(), name)
  if (!check.ok) {
    throw new AzureError('AuthenticationFailed', `the signature of the URL is refused: ${check.reason}`)
  }
  if (check.httpsOnly && request.protocol !== 'https') {
    throw new AzureError('AuthorizationProtocolMismatch', 'the URL was signed for https only')
  }
  return { permissions: check.permissions, resolved: await options.resolveContainer(containerId) }
}

function findRoute(method: string, { name, query }: BlobUrl): Route {
  for (const key of new Set(query.keys())) {
    if (query.getAll(key).length > 1) {
      throw new AzureError('InvalidQueryParameterValue', `the query has "${key}" more than once`)
    }
  }
  if (method === 'POST' || method === 'PATCH') {
    const headers = { allow: 'GET, HEAD, PUT, DELETE' }
    throw new AzureError('UnsupportedHttpVerb', `${method} is not an operation here`, { headers })
  }
  const comp = query.get('comp')?.toLowerCase()
  const wanted = [method, name === undefined ? 'container' : 'blob', comp].filter(Boolean).join(' ')
  const found = routes[wanted]
  if (found === undefined) {
    throw new AzureError(
      'UnsupportedQueryParameter',
      `this service does not deliver the operation "${wanted}"`,
    )
  }
  return found
}

function azureErrorFor(error: unknown): AzureError {
  if (error instanceof AzureError) return error
  // A body breaks off with an error of its own, which the store hands on.
  if (error instanceof BlobStoreError) return azureErrorOf(error)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) {
    return new AzureError('InvalidInput', error instanceof Error ? error.message : 'the request is malformed')
  }
  return new AzureError('InternalError', 'the service failed; its log has the reason under the request id')
}

function echoed(request: FastifyRequest, header: string, allowed: RegExp): string | undefined {
  const value = request.headers[header]
  return typeof value === 'string' && allowed.test(value) ? value : undefined
}
