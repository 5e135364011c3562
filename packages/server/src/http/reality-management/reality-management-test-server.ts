// Reality Management for tests: a real port on loopback, a real store, real files and real tokens. Only the clock is
// a double. Every answer is held against the contract.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Operation } from '@alidade/contract'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { expect } from 'vitest'
import { type BuiltinIssuer, openBuiltinIssuer, type TokenRequest } from '../../auth/builtin-issuer.ts'
import { createTokenVerifier } from '../../auth/token-verifier.ts'
import { blobRoutes } from '../../blobs/blob-routes.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { openFolderBlobStore } from '../../blobs/folder-blob-store.ts'
import { signContainer } from '../../blobs/shared-access-signature.ts'
import { withLinkedFolders } from '../../linked/linked-blobs.ts'
import { LinkedFolders } from '../../linked/linked-folders.ts'
import { openLinkedRoots } from '../../linked/linked-roots.ts'
import type { JobStore } from '../../store/job-store.ts'
import { openRealityDataRows } from '../../store/reality-data-rows.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { openTestStore } from '../../store/test-store.ts'
import { buildApp } from '../app.ts'
import { linkedRealityDataRoutes } from './linked-reality-data.ts'
import { realityManagementRoutes } from './routes.ts'

export interface Asking {
  /** The values of the path's `:names`. */
  params?: Record<string, string>
  query?: Record<string, string>
  /** Who asks; default org `acme`, subject `ada`, every scope. */
  as?: TokenRequest
  headers?: Record<string, string>
  body?: unknown
}

export interface Answer {
  status: number
  text: string
  /** The parsed body; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface RealityManagementTestServer {
  url: string
  realityData: RealityDataStore
  jobs: JobStore
  blobs: BlobStore
  clock: { now: Date }
  issuer: BuiltinIssuer
  /** Sends the operation; fails the test when the answer is none that the operation declares. */
  ask(operation: Operation, asking?: Asking): Promise<Answer>
  token(as: TokenRequest): Promise<string>
  /** A container URL with these permissions, whether or not anybody would be given one. */
  signed(containerId: string, permissions: string): string
  /** One request as it stands, with a token of `ada` unless told otherwise. */
  send(path: string, init?: RequestInit, as?: TokenRequest): Promise<Response>
  stop(): Promise<void>
}

/** `linkRoots`: below which folders may be linked; default none. */
export async function startRealityManagementTestServer(
  linkRoots: readonly string[] = [],
): Promise<RealityManagementTestServer> {
  const clock = { now: new Date('2026-04-02T08:00:00Z') }
  const now = () => clock.now
  const store = await openTestStore({ now })
  const issuer = await openBuiltinIssuer(store.dataDir, { now })
  const linkedFolders = new LinkedFolders(openLinkedRoots(linkRoots, [store.dataDir]), {
    freshMs: 0,
    timesAsLong: 0,
  })
  const folderStore = await openFolderBlobStore({ root: join(store.dataDir, 'blobs'), now })
  const blobs = withLinkedFolders(folderStore, linkedFolders)
  const realityData = openRealityDataRows({ database: store.database, now, newId: randomUUID })
  const sasKeys = [new Uint8Array(32).fill(7)]
  const validators = new Map<TSchema, Validator>()
  const validatorOf = (schema: TSchema) => {
    const known = validators.get(schema) ?? Compile(schema)
    validators.set(schema, known)
    return known
  }
  let url = ''
  const app = await buildApp({
    verifier: createTokenVerifier({ issuers: [issuer], now }),
    rateLimitPerMinute: 0,
    trustProxy: false,
    publicUrl: () => url,
    corsOrigins: undefined,
    now,
    log: false,
    routes: async (routes) => {
      realityManagementRoutes(routes, {
        realityData,
        blobs,
        sasKeys,
        publicUrl: () => url,
        now,
        tokenKey: new Uint8Array(32).fill(1),
      })
      linkedRealityDataRoutes(routes, { realityData, blobs, linkedFolders })
      await routes.register(blobRoutes, {
        store: blobs,
        keys: sasKeys,
        now,
        resolveContainer: (name: string) => realityData.resolveContainer(name),
        publicUrl: () => url,
        maxBlobBytes: 2 ** 30,
      })
    },
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })

  const tokens = new Map<string, string>()
  async function tokenFor(as: TokenRequest): Promise<string> {
    const known = tokens.get(JSON.stringify(as))
    if (known !== undefined) return known
    const { token } = await issuer.issueToken({ org: 'acme', subject: 'ada', expiresIn: '12h', ...as })
    tokens.set(JSON.stringify(as), token)
    return token
  }

  async function send(path: string, init: RequestInit = {}, as: TokenRequest = {}): Promise<Response> {
    const token = await tokenFor(as)
    // SDKs send this content type with every request.
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers }
    return fetch(url + path, { ...init, headers })
  }

  return {
    url,
    realityData,
    jobs: store.jobs,
    blobs,
    clock,
    token: tokenFor,
    signed: (containerId, permissions) =>
      `${url}/alidade-blobs/${containerId}?${signContainer(sasKeys, { containerId, permissions, now: now() })}`,
    issuer,
    send,
    ask: async (operation, { params = {}, query = {}, as, headers = {}, body } = {}) => {
      const path = operation.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!))
      const search = new URLSearchParams(query).toString()
      const init = {
        method: operation.method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }
      const response = await send(search === '' ? path : `${path}?${search}`, init, as)
      const text = await response.text()
      const json = text === '' ? undefined : JSON.parse(text)
      const declared = operation.responses[response.status]
      expect(declared, `${operation.id} does not declare ${response.status}: ${text}`).toBeDefined()
      if (declared?.schema === undefined) expect(text).toBe('')
      else expect(validatorOf(declared.schema).Errors(json), text).toEqual([])
      return { status: response.status, text, json }
    },
    stop: async () => {
      await app.close()
      await store.remove()
    },
  }
}
