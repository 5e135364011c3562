// The v1 operations for tests: a real port on loopback, a real store and real tokens. Only the clock and the look
// into input files are doubles.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type BuiltinIssuer, openBuiltinIssuer, type TokenRequest } from '../../auth/builtin-issuer.ts'
import { createTokenVerifier } from '../../auth/token-verifier.ts'
import type { Database } from '../../store/database.ts'
import { openRealityDataRows } from '../../store/reality-data-rows.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { openTestStore, type TestStore } from '../../store/test-store.ts'
import { openWebhookRows } from '../../store/webhook-rows.ts'
import type { WebhookStore } from '../../store/webhook-store.ts'
import { buildApp } from '../app.ts'
import type { PinDetectors } from '../detectors/pin-detectors.ts'
import type { InspectJob } from '../jobs/submission.ts'
import { type V1Dependencies, v1Routes } from './routes.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface Asking {
  /** Default: a token with scope itwin-platform; null: no Authorization header. */
  authorization?: string | null
  headers?: Record<string, string>
  body?: unknown
}

export interface V1TestServer extends TestStore {
  realityData: RealityDataStore
  url: string
  /** What the service takes for the current time; set it to travel. */
  clock: { now: Date }
  /** Ids for what is created next, before random ones. */
  nextIds: string[]
  /** What the next submissions find in the input files; default: nothing wrong. */
  inspection: { inspect: InspectJob }
  issuer: BuiltinIssuer
  /** `Bearer <token>`, made at the time of `clock`; default org `acme`, subject `ada`. */
  authorization(request?: TokenRequest): Promise<string>
  ask(method: string, path: string, asking?: Asking): Promise<Answer>
  /** Closes and starts again on the same database, with the same clock and issuer. */
  restart(): Promise<V1TestServer>
  stop(): Promise<void>
}

export interface V1TestServerOptions {
  /** Default: no limit. */
  rateLimitPerMinute?: number
  /** A running PostgreSQL; default: the embedded database. */
  postgresUrl?: string
  pinDetectors?: PinDetectors
  /** Registers operations of other APIs beside those of v1. */
  moreRoutes?: (
    app: FastifyInstance,
    dependencies: V1Dependencies & {
      realityData: RealityDataStore
      webhooks: WebhookStore
      database: Database
      newId: () => string
    },
  ) => void
}

export async function startV1TestServer(options: V1TestServerOptions = {}): Promise<V1TestServer> {
  const clock = { now: new Date('2026-04-02T08:00:00Z') }
  const now = () => clock.now
  const inspection: { inspect: InspectJob } = { inspect: async () => ({ faults: [], warnings: [] }) }
  const keysFolder = await mkdtemp(join(tmpdir(), 'alidade-v1-'))
  const issuer = await openBuiltinIssuer(keysFolder, { now })
  const nextIds: string[] = []
  const newId = () => nextIds.shift() ?? randomUUID()
  const issued = new Map<string, Promise<string>>()
  const authorization = (request: TokenRequest = {}) => {
    const whole = { org: 'acme', subject: 'ada', email: 'ada@example.org', expiresIn: '1h', ...request }
    const key = `${clock.now.getTime()} ${JSON.stringify(whole)}`
    const known = issued.get(key) ?? issuer.issueToken(whole).then(({ token }) => `Bearer ${token}`)
    issued.set(key, known)
    return known
  }
  const { postgresUrl } = options
  return serve(await openTestStore({ now, newId, ...(postgresUrl !== undefined && { postgresUrl }) }))

  async function serve(store: TestStore): Promise<V1TestServer> {
    const realityData = openRealityDataRows({ database: store.database, now, newId })
    const dependencies = {
      store: store.jobs,
      realityData,
      webhooks: openWebhookRows({ database: store.database, now, newId }),
      inspectJob: (...asked: Parameters<InspectJob>) => inspection.inspect(...asked),
      ...(options.pinDetectors !== undefined && { pinDetectors: options.pinDetectors }),
      publicUrl: () => 'https://alidade.example/base',
      now,
      tokenKey: new Uint8Array(32).fill(1),
    }
    const { address, port, close } = await listen()

    async function listen() {
      const app = await buildApp({
        verifier: createTokenVerifier({ issuers: [issuer], now }),
        rateLimitPerMinute: options.rateLimitPerMinute ?? 0,
        trustProxy: false,
        publicUrl: dependencies.publicUrl,
        corsOrigins: undefined,
        now,
        log: false,
        routes: async (routes) => {
          v1Routes(routes, dependencies)
          options.moreRoutes?.(routes, { ...dependencies, database: store.database, newId })
        },
      })
      await app.listen({ host: '127.0.0.1', port: 0 })
      return { ...(app.server.address() as AddressInfo), close: () => app.close() }
    }

    return {
      ...store,
      realityData,
      url: `http://${address}:${port}`,
      clock,
      nextIds,
      inspection,
      issuer,
      authorization,
      ask: async (method, path, asking = {}) => {
        const bearer = asking.authorization === undefined ? await authorization() : asking.authorization
        const headers = { ...(bearer !== null && { authorization: bearer }), ...asking.headers }
        return send(port, method, path, headers, asking.body)
      },
      restart: async () => {
        await close()
        return serve(await store.reopen())
      },
      stop: async () => {
        await close()
        await store.remove()
        await rm(keysFolder, { recursive: true, force: true })
      },
    }
  }
}

/** One request with these headers and no others that matter (`fetch` would add an Accept of its own). */
function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...type, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const received = Buffer.concat(chunks).toString()
          const json = received === '' ? undefined : JSON.parse(received)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, json })
        })
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}
