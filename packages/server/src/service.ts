// The embedded service, put together: API, agent and database in this process, runners as its children.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Agent, startAgent } from './agent/agent.ts'
import { startSweeper } from './agent/sweeper.ts'
import type { TokenIssuer } from './auth/token-verifier.ts'
import { createTokenVerifier } from './auth/token-verifier.ts'
import { blobRoutes } from './blobs/blob-routes.ts'
import { openFolderBlobStore } from './blobs/folder-blob-store.ts'
import { secretKey } from './config/secret-key.ts'
import { type AppOptions, buildApp } from './http/app.ts'
import { createInspectJob } from './http/inspect-job.ts'
import { realityManagementRoutes } from './http/reality-management/routes.ts'
import { v1Routes } from './http/v1/routes.ts'
import { openEmbeddedStore } from './store/embedded-store.ts'
import { openRealityDataRows } from './store/reality-data-rows.ts'

export interface ServiceOptions
  extends Pick<AppOptions, 'rateLimitPerMinute' | 'trustProxy' | 'corsOrigins'> {
  dataDir: string
  host: string
  /** 0 takes a free port. */
  port: number
  /** Without a slash at the end; undefined: the listening address. */
  publicUrl: string | undefined
  issuers: TokenIssuer[]
  slots: number
  threadsPerJob: number
  memoryLimitMegabytes: number
  maxUploadBytes: number
  log: Logger
  now?: () => Date
}

export interface Service {
  /** The listening address, e.g. `http://127.0.0.1:8787`. */
  url: string
  /** Answers what is under way, gives running jobs back to the queue, closes the database. */
  stop(): Promise<void>
}

/** How long requests under way may take to end when the service stops, in milliseconds. */
const closeGraceMs = 5000

/** Returns when the service listens. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { log, now = () => new Date() } = options
  const dataDir = resolve(options.dataDir)
  const store = await openEmbeddedStore(dataDir, {
    now,
    newId: randomUUID,
    onError: (error) => log.error({ err: error }, 'queue'),
  })
  // Last opened, first closed; what fails to close does not keep the others open.
  const closers: (() => Promise<void>)[] = [() => store.close()]
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeAll(closers)
    return closing
  }
  try {
    const blobs = await openFolderBlobStore({ root: join(dataDir, 'blobs') })
    const realityData = openRealityDataRows({ database: store.database, now, newId: randomUUID })
    const sasKeys = [await secretKey(dataDir, 'sas.key')]
    const tokenKey = await secretKey(dataDir, 'continuation.key')
    let listening = ''
    const publicUrl = () => options.publicUrl ?? listening

    const app = await buildApp({
      ...options,
      verifier: createTokenVerifier({ issuers: options.issuers, now }),
      publicUrl,
      now,
      routes: async (app) => {
        v1Routes(app, {
          store: store.jobs,
          realityData,
          inspectJob: createInspectJob({ blobs, realityData }),
          publicUrl,
          now,
          tokenKey,
        })
        realityManagementRoutes(app, { realityData, blobs, sasKeys, publicUrl, now, tokenKey })
        await app.register(blobRoutes, {
          store: blobs,
          keys: sasKeys,
          now,
          resolveContainer: (id) => realityData.resolveContainer(id),
          publicUrl,
          maxBlobBytes: options.maxUploadBytes,
        })
      },
    })
    closers.push(() => closeApp(app))
    listening = await app.listen({ host: options.host, port: options.port })

    const agent: Agent = await startAgent({
      name: hostname(),
      jobs: store.jobs,
      blobs,
      realityData,
      scratchDir: join(dataDir, 'scratch'),
      slots: options.slots,
      threadsPerJob: options.threadsPerJob,
      memoryLimitMegabytes: options.memoryLimitMegabytes,
      log,
      now,
    })
    closers.push(() => agent.stop())

    const sweeper = startSweeper({ jobs: store.jobs, blobs, log, now })
    closers.push(() => sweeper.stop())
    return { url: listening, stop: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Answers what is under way, for a while: an upload can go on for hours, and its client can take it up again. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const forced = setTimeout(() => app.server.closeAllConnections(), closeGraceMs)
  try {
    await app.close()
  } finally {
    clearTimeout(forced)
  }
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = []
  for (const closer of closers.reverse()) await closer().catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed')
}
