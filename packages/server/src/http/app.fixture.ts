// A running app for tests: a real port on loopback and tokens of a real issuer in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type BuiltinIssuer, openBuiltinIssuer, type TokenRequest } from '../auth/builtin-issuer.ts'
import { createTokenVerifier } from '../auth/token-verifier.ts'
import { type AppOptions, buildApp } from './app.ts'

export interface TestApp {
  app: FastifyInstance
  url: string
  issuer: BuiltinIssuer
  clock: { now: Date }
  /** Headers with a new token. */
  bearer(request?: TokenRequest): Promise<{ authorization: string }>
  /** Sends bytes as they are and returns all that comes back until the server closes. */
  raw(bytes: string): Promise<string>
  close(): Promise<void>
}

/** Starts an app with `routes`; its clock stands still unless a test moves it. */
export async function startApp(
  routes: AppOptions['routes'],
  options: Partial<AppOptions> = {},
): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-app-'))
  const clock = { now: new Date('2026-04-02T08:00:00Z') }
  const now = () => clock.now
  const issuer = await openBuiltinIssuer(folder, { now })
  const app = await buildApp({
    verifier: createTokenVerifier({ issuers: [issuer], now }),
    rateLimitPerMinute: 0,
    trustProxy: false,
    publicUrl: () => 'https://reality.example.org',
    corsOrigins: undefined,
    now,
    log: false,
    routes,
    ...options,
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return {
    app,
    url,
    issuer,
    clock,
    bearer: async (request) => ({ authorization: `Bearer ${(await issuer.issueToken(request)).token}` }),
    raw: (bytes) =>
      new Promise((resolve, reject) => {
        let received = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        socket.setEncoding('latin1')
        socket.on('data', (chunk) => {
          received += chunk
        })
        socket.on('close', () => resolve(received))
        // The server may close before all was written; what it answered is what counts.
        socket.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
        })
      }),
    close: async () => {
      await app.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
