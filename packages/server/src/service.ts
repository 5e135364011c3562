// The service, put together: API, agent or both in this process, runners as children of the agent.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type DetectorLimits, defaultDetectorLimits } from '@alidade/jobs'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { startAgent } from './agent/agent.ts'
import { startSweeper } from './agent/sweeper.ts'
import { createTokenVerifier, type TokenIssuer } from './auth/token-verifier.ts'
import { blobRoutes } from './blobs/blob-routes.ts'
import type { WorkBlobs } from './blobs/blob-store.ts'
import { containerResolver } from './blobs/container-resolver.ts'
import { blobFolderOf, type OpenedBlobs, openBlobs } from './blobs/open-blobs.ts'
import { openRemoteBlobStore } from './blobs/remote-blob-store.ts'
import { readOrCreateFile } from './config/read-or-create-file.ts'
import { databaseSecrets, folderSecrets, type Secrets, secretKey } from './config/secret-key.ts'
import { type DiskWatch, watchDisk } from './disk/watch-disk.ts'
import { type AppOptions, buildApp } from './http/app.ts'
import { createPinDetectors } from './http/detectors/pin-detectors.ts'
import { detectorRoutes } from './http/detectors/routes.ts'
import { createInspectJob } from './http/inspect-job.ts'
import { linkedRealityDataRoutes } from './http/reality-management/linked-reality-data.ts'
import { realityManagementRoutes } from './http/reality-management/routes.ts'
import { v1Routes } from './http/v1/routes.ts'
import { v2Routes } from './http/v2/routes.ts'
import { webhooksRoutes } from './http/webhooks/routes.ts'
import { openedWithLinkedFolders, readingLinked } from './linked/linked-blobs.ts'
import { LinkedFolders } from './linked/linked-folders.ts'
import { openLinkedRoots } from './linked/linked-roots.ts'
import { observeService } from './observe-service.ts'
import type { Database } from './store/database.ts'
import { withBuiltInDetectors } from './store/built-in-detectors.ts'
import { openDetectorRows } from './store/detector-rows.ts'
import { startUpkeep } from './store/embedded-upkeep.ts'
import { lockFolder } from './store/lock-folder.ts'
import { openStore, type Store } from './store/open-store.ts'
import { announce, apiUrls } from './store/process-registry.ts'
import { openRealityDataRows } from './store/reality-data-rows.ts'
import type { RealityDataStore } from './store/reality-data-store.ts'
import { openWebhookOutbox } from './store/webhook-outbox.ts'
import { openWebhookRows } from './store/webhook-rows.ts'
import { addressRules } from './webhooks/address-rules.ts'
import { startDeliverer } from './webhooks/deliverer.ts'
import { resolveHost } from './webhooks/resolve-host.ts'

export type Role = 'all' | 'api' | 'agent'

export interface ServiceOptions
  extends Pick<AppOptions, 'rateLimitPerMinute' | 'trustProxy' | 'corsOrigins'> {
  /** `api` and `agent` alone need a database that others reach too. Default: all. */
  role?: Role
  dataDir: string
  /** PostgreSQL; undefined: the embedded database in the data folder. */
  databaseUrl?: string | undefined
  /** Undefined: `blobs` in the data folder; an agent alone then reaches blobs through the API. */
  blobDir?: string | undefined
  /** An account of Azure Blob Storage that holds the blobs instead of a folder. */
  blobConnectionString?: string | undefined
  /** Absolute paths of folders below which administrators may show folders as reality data; default none. */
  linkRoots?: readonly string[]
  /** Where an agent alone reaches the API; undefined: as API processes announce it. */
  apiUrl?: string | undefined
  host: string
  /** 0 takes a free port. */
  port: number
  /** Without a slash at the end; undefined: the listening address. */
  publicUrl: string | undefined
  /** Given the database where it is shared, for the issuer that keeps its keys there. */
  openIssuers: (shared: Database | undefined) => Promise<TokenIssuer[]>
  slots: number
  threadsPerJob: number
  memoryLimitMegabytes: number
  memoryMegabytes: number
  /** How long an attempt may count nothing, and a job take that names no limit of its own; 0 for no limit. */
  stallMinutes: number
  timeLimitMinutes: number
  /** Jobs that are expected to take so many seconds keep results of long parts for their next attempt; 0: none does. */
  keepFromSeconds: number
  divideFromPoints: number
  /** How often a job may lose its worker before it fails; default 3. */
  maxAttempts?: number
  maxUploadBytes: number
  /** Networks that webhooks may name although they are not public; default none. */
  webhookAllow?: readonly string[]
  /** What the file of a detector may be; default: see `defaultDetectorLimits`. */
  detectorLimits?: DetectorLimits
  /** How long requests are still taken after the stop is told, while /readyz says so; default 0. */
  drainMs?: number
  /** Below so many free bytes uploads are refused and the queue is paused; undefined: see `watchDisk`. */
  diskLowWaterBytes?: number | undefined
  log: Logger
  now?: () => Date
}

export interface Service {
  /** The listening address, e.g. `http://127.0.0.1:8787`; undefined for an agent alone. */
  url: string | undefined
  /** What agents and logs call this process. */
  name: string
  /**
   * Says so at /readyz, claims no more jobs and gives running ones back to the queue, answers what is under way,
   * closes the database.
   */
  stop(): Promise<void>
}

/** Connections that wait to be accepted: when more come at once, the system lets some of them wait for a second. */
const waitingConnections = 4096
/** How long requests under way may take to end when the service stops, in milliseconds. */
const closeGraceMs = 5000

/** Returns when the service listens, and its agent looks for work. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { log, role = 'all', databaseUrl, now = () => new Date() } = options
  const dataDir = resolve(options.dataDir)
  const onDatabaseError = (error: unknown) => log.error({ err: error }, 'database')
  // Last opened, first closed; what fails to close does not keep the others open.
  const closers: (() => Promise<void>)[] = []
  const watch = async (folder: string, reserve: boolean) => {
    const disk = await watchDisk({ folder, reserve, lowWaterBytes: options.diskLowWaterBytes, log })
    closers.push(() => disk.stop())
    return disk
  }
  const disk = await watch(dataDir, databaseUrl === undefined)
  const store = await openStore({
    dataDir,
    databaseUrl,
    maxLosses: options.maxAttempts,
    now,
    newId: randomUUID,
    onError: onDatabaseError,
    space: disk,
  }).catch(async (error: unknown) => {
    await closeAll(closers)
    throw error
  })
  closers.push(() => store.close())
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeAll(closers)
    return closing
  }
  try {
    const shared = databaseUrl === undefined ? undefined : store.database
    const secrets = shared === undefined ? folderSecrets(dataDir) : databaseSecrets(shared)
    const name = await processName(dataDir)
    if (shared === undefined) {
      const upkeep = startUpkeep({ database: store.database, disk, log })
      closers.push(() => upkeep.stop())
    }
    const blobDisk = options.blobDir === undefined ? disk : await watch(resolve(options.blobDir), false)
    const blobRoot = blobFolderOf({ ...options, dataDir, role })
    const own = [dataDir, ...(blobRoot === undefined ? [] : [blobRoot])]
    const parts: Parts = {
      options: { ...options, dataDir },
      linkedFolders: new LinkedFolders(openLinkedRoots(options.linkRoots ?? [], own)),
      store,
      realityData: openRealityDataRows({ database: store.database, now, newId: randomUUID }),
      secrets,
      sasKeys: [await secretKey(secrets, 'sas.key')],
      blobs: await openBlobs({
        folder: blobRoot,
        connectionString: options.blobConnectionString,
        disk: blobDisk,
        secrets,
        shared: shared !== undefined,
        now,
      }),
      disk,
      blobDisk,
      name,
      now,
      closers,
    }
    const api = role === 'agent' ? undefined : await openApi(parts, await options.openIssuers(shared))
    const url = api?.url
    if (url !== undefined && shared !== undefined) {
      const self = {
        name: `${name}:${new URL(url).port}`,
        role: 'api',
        url: options.publicUrl ?? url,
      } as const
      const presence = await announce(shared, self, onDatabaseError)
      closers.push(() => presence.leave())
    }
    if (role !== 'api') await openAgent(parts)
    const stop = () => {
      api?.drain()
      return close()
    }
    return { url, name, stop }
  } catch (error) {
    await close()
    throw error
  }
}

interface Parts {
  options: ServiceOptions
  linkedFolders: LinkedFolders
  store: Store
  realityData: RealityDataStore
  secrets: Secrets
  sasKeys: Uint8Array[]
  /** Undefined: an agent that reaches blobs through the API. */
  blobs: OpenedBlobs | undefined
  /** Of the data folder, and of the blobs: the same or another. */
  disk: DiskWatch
  blobDisk: DiskWatch
  name: string
  now: () => Date
  closers: (() => Promise<void>)[]
}

interface Api {
  /** The listening address. */
  url: string
  /** From now on it says at /readyz that it stops. */
  drain(): void
}

/** The API, listening, and the sweeper of the blob folder. */
async function openApi(parts: Parts, issuers: TokenIssuer[]): Promise<Api> {
  const { options, store, realityData, secrets, sasKeys, linkedFolders, disk, blobDisk, now, closers } = parts
  if (parts.blobs === undefined) throw new TypeError('the API has a place for blobs')
  const blobs = openedWithLinkedFolders(parts.blobs, linkedFolders)
  const { log, drainMs = 0, webhookAllow = [] } = options
  const { database } = store
  const { readiness, metrics } = observeService({ database, disk, blobs: blobs.readiness, log })
  let stopToldMs: number | undefined
  const tokenKey = await secretKey(secrets, 'continuation.key')
  const detectors = withBuiltInDetectors(openDetectorRows({ database, now, newId: randomUUID }))
  const limits = options.detectorLimits ?? defaultDetectorLimits
  let listening = ''
  const publicUrl = () => options.publicUrl ?? listening
  const targetRules = { addresses: addressRules(webhookAllow), resolve: (host: string) => resolveHost(host) }

  const app = await buildApp({
    ...options,
    readiness,
    metrics,
    verifier: createTokenVerifier({ issuers, now }),
    publicUrl,
    now,
    routes: async (app) => {
      const inspectJob = createInspectJob({ blobs: blobs.store, realityData, disk: blobDisk })
      const pinDetectors = createPinDetectors({ detectors, realityData, blobs: blobs.store, limits })
      const jobRoutes = { store: store.jobs, realityData, inspectJob, pinDetectors, publicUrl, now, tokenKey }
      v1Routes(app, jobRoutes)
      v2Routes(app, { ...jobRoutes, sasKeys })
      realityManagementRoutes(app, {
        realityData,
        blobs: blobs.counted,
        containerUrls: blobs.containerUrls,
        sasKeys,
        publicUrl,
        now,
        tokenKey,
      })
      webhooksRoutes(app, { webhooks: openWebhookRows({ database, now }), realityData, targetRules })
      detectorRoutes(app, { detectors, blobs: blobs.store, limits, sasKeys, publicUrl, now })
      linkedRealityDataRoutes(app, { realityData, blobs: blobs.counted, linkedFolders })
      await app.register(blobRoutes, {
        store: blobs.store,
        keys: sasKeys,
        now,
        resolveContainer: containerResolver({ realityData, detectors, limits }),
        accountUrls: blobs.containerUrls,
        publicUrl,
        maxBlobBytes: options.maxUploadBytes,
      })
    },
  })
  closers.push(() => closeApp(app))
  closers.push(async () => {
    if (stopToldMs !== undefined) await delay(Math.max(0, stopToldMs + drainMs - performance.now()))
  })
  listening = await app.listen({ host: options.host, port: options.port, backlog: waitingConnections })
  const sweeper = startSweeper({
    ...{ jobs: store.jobs, realityData, blobs: blobs.store, log, now },
    onSwept: metrics.swept,
  })
  closers.push(() => sweeper.stop())
  const outbox = openWebhookOutbox({ database, now })
  const deliverer = await startDeliverer({ outbox, rules: targetRules, log, now })
  closers.push(() => deliverer.stop())
  const drain = () => {
    stopToldMs ??= performance.now()
    readiness.drain()
  }
  return { url: listening, drain }
}

async function openAgent(parts: Parts) {
  const { options, store, realityData, sasKeys, blobs, linkedFolders, disk, blobDisk, name, now, closers } =
    parts
  const { dataDir, log, role = 'all', memoryLimitMegabytes } = options
  const { database, jobs } = store
  // Two agents with one folder would empty each other's.
  closers.push(await lockFolder(join(dataDir, 'scratch.lock')))
  const announced =
    database.kind === 'pglite'
      ? undefined
      : await announce(database, { name, role: 'agent', memoryLimitMegabytes }, (error) =>
          log.error({ err: error }, 'database'),
        )
  closers.push(async () => announced?.leave())
  const { apiUrl } = options
  const remote: WorkBlobs = openRemoteBlobStore({
    apiUrls: apiUrl === undefined ? () => apiUrls(database) : async () => [apiUrl],
    keys: sasKeys,
    now,
  })
  const agent = await startAgent({
    name,
    jobs,
    blobs: readingLinked(blobs?.work ?? remote, linkedFolders, role === 'all' ? undefined : remote),
    realityData,
    detectors: openDetectorRows({ database, now, newId: randomUUID }),
    scratchDir: join(dataDir, 'scratch'),
    keptDir: join(dataDir, 'kept'),
    keepFromSeconds: options.keepFromSeconds,
    divideFromPoints: options.divideFromPoints,
    keptDisk: disk,
    slots: options.slots,
    threadsPerJob: options.threadsPerJob,
    memoryLimitMegabytes,
    stallMinutes: options.stallMinutes,
    timeLimitMinutes: options.timeLimitMinutes,
    memoryMegabytes: options.memoryMegabytes,
    log,
    now,
    paused: () => disk.space().low || blobDisk.space().low,
  })
  closers.push(() => agent.stop())
}

/** The same after every start: it is how an agent finds what its predecessor had under way. */
async function processName(dataDir: string): Promise<string> {
  const id = (await readOrCreateFile(join(dataDir, 'process-id'), randomUUID)).toString()
  return `${hostname()}-${id.slice(0, 8)}`
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
