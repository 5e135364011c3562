// The whole service in this process, with every route that it registers written down. It works
// on no job, so that a job stays in the state that a test gave it.
import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { openBuiltinIssuer, type TokenRequest } from '../../packages/server/src/auth/builtin-issuer.ts'
import { type RawRequest, rawRequest } from '../../packages/server/src/blobs/raw-request.ts'
import { startService } from '../../packages/server/src/service.ts'
import { createDatabase, dropDatabase } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { openTestStore } from '../../packages/server/src/store/test-store.ts'
import type { Answer } from './likeness.ts'

export interface IsolatedService {
  /** `GET /path/:parameter`, as the app registered them. */
  registered: readonly string[]
  /** A folder that administrators may show as reality data. */
  linkable: string
  /** What the service takes for the current time; set it to travel. */
  clock: { now: Date }
  /** `Bearer <token>`, good for a week. */
  authorization(request: TokenRequest): Promise<string>
  /** `path` is sent as it is; a `body` that is an object goes as JSON. */
  ask(method: string, path: string, request?: Asking): Promise<Answer>
  /** A hash of all names and bytes of each container on the disk. */
  containers(): Promise<Map<string, string>>
  stop(): Promise<void>
}

export interface Asking {
  authorization?: string | undefined
  headers?: Record<string, string>
  body?: unknown
}

/** `postgresUrl`: a running PostgreSQL; default: the embedded database. */
export async function startIsolatedService(postgresUrl?: string): Promise<IsolatedService> {
  // A database that is there already: to prepare an embedded one takes longer than all requests together.
  const { dataDir, close } = await openTestStore()
  await close()
  const databaseUrl = postgresUrl && (await createDatabase(postgresUrl, basename(dataDir)))
  const clock = { now: new Date() }
  const now = () => clock.now
  const issuer = await openBuiltinIssuer(dataDir, { now })
  // The data folder itself is never shown.
  const linkRoot = await mkdtemp(join(tmpdir(), 'alidade-scans-'))
  const linkable = join(linkRoot, 'quarry')
  await mkdir(linkable)
  const registered: string[] = []
  const writeDown = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) registered.push(`${one} ${url}`)
    })
  }
  // Published by Fastify for each instance before anything is registered on it.
  subscribe('fastify.initialization', writeDown)
  const service = await startService({
    ...{
      dataDir,
      databaseUrl,
      host: '127.0.0.1',
      port: 0,
      publicUrl: undefined,
      log: pino({ level: 'silent' }),
      now,
    },
    ...{ rateLimitPerMinute: 0, trustProxy: false, corsOrigins: undefined, maxUploadBytes: 1e7 },
    openIssuers: async () => [issuer],
    linkRoots: [linkRoot],
    webhookAllow: ['127.0.0.0/8'],
    ...{ slots: 0, threadsPerJob: 1, memoryLimitMegabytes: 512, memoryMegabytes: 512 },
    ...{
      stallMinutes: 0,
      timeLimitMinutes: 0,
      keepFromSeconds: 0,
      divideFromPoints: 0,
      diskLowWaterBytes: 0,
    },
  }).finally(() => unsubscribe('fastify.initialization', writeDown))

  const issued = new Map<string, Promise<string>>()
  return {
    registered,
    linkable,
    clock,
    authorization: (request) => {
      const key = JSON.stringify(request)
      const token = issued.get(key) ?? issuer.issueToken({ expiresIn: '7d', ...request }).then(bearer)
      issued.set(key, token)
      return token
    },
    ask: async (method, path, { authorization, headers, body } = {}) => {
      const asJson = typeof body === 'object' && !(body instanceof Uint8Array)
      const request: RawRequest = {
        method,
        headers: {
          ...(authorization !== undefined && { authorization }),
          ...(asJson && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: asJson ? JSON.stringify(body) : (body as string) }),
      }
      const answer = await rawRequest(`${service.url}${path}`, request)
      return { status: answer.status, headers: answer.headers, text: answer.body.toString() }
    },
    containers: async () => {
      const root = join(dataDir, 'blobs', 'containers')
      const hashes = new Map<string, string>()
      for (const id of await readdir(root)) hashes.set(id, await hashOfFolder(join(root, id)))
      return hashes
    },
    stop: async () => {
      await service.stop()
      if (databaseUrl !== undefined) await dropDatabase(databaseUrl)
      await rm(linkRoot, { recursive: true, force: true })
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function bearer({ token }: { token: string }): string {
  return `Bearer ${token}`
}

async function hashOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  for (const path of files.sort()) hash.update(`${path}\n`).update(await readFile(path))
  return hash.digest('hex')
}
