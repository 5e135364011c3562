/** A Fastify app as the service has it, with nothing but the blob routes: for tests and benches. */
import Fastify, { type FastifyInstance } from 'fastify'
import { blobRoutes, type ResolvedContainer } from './blob-routes.ts'
import type { BlobStore } from './blob-store.ts'
import type { ContainerUrls } from './container-urls.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { signContainer } from './shared-access-signature.ts'

export interface BlobServerOptions {
  readonly root: string
  readonly store?: BlobStore
  readonly now?: () => Date
  readonly maxBlobBytes?: number
  readonly idleMilliseconds?: number
  readonly accountUrls?: ContainerUrls
  /** Default: every container exists and takes uploads. */
  readonly resolveContainer?: (id: string) => Promise<ResolvedContainer | undefined>
}

export interface BlobServer {
  readonly app: FastifyInstance
  readonly store: BlobStore
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  containerUrl(id: string, permissions?: string): string
}

const keys = [new Uint8Array(32).fill(7)]

export async function startBlobServer(options: BlobServerOptions): Promise<BlobServer> {
  const { root, now = () => new Date(), maxBlobBytes = 8 * 2 ** 30, idleMilliseconds = 60_000 } = options
  const store = options.store ?? (await openFolderBlobStore({ root }))
  const app = Fastify({
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    forceCloseConnections: true,
  })
  await app.register(blobRoutes, {
    store,
    keys,
    now,
    maxBlobBytes,
    idleMilliseconds,
    accountUrls: options.accountUrls,
    publicUrl: () => 'https://reality.example.org/prefix',
    resolveContainer:
      options.resolveContainer ?? (async (id) => ({ container: { id, attempt: 0 }, writable: true })),
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    store,
    origin,
    containerUrl: (id, permissions = 'rwdl') =>
      `${origin}/alidade-blobs/${id}?${signContainer(keys, { containerId: id, permissions, now: now() })}`,
  }
}
