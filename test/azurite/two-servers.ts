// The same container on Azurite and on our own store, and one request to both of them.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { inject } from 'vitest'
import { startBlobServer } from '../../packages/server/src/blobs/blob-server-fixture.ts'
import { type RawAnswer, rawRequest } from '../../packages/server/src/blobs/raw-request.ts'
import { signContainer } from '../../packages/server/src/blobs/shared-access-signature.ts'

/** How the URL of a request is signed. Default: for everything, from now on for an hour. */
export interface Signing {
  /** Default `racwdl`. */
  readonly permissions?: string
  /** From now, in minutes. */
  readonly startsIn?: number
  readonly endsIn?: number
  readonly httpsOnly?: boolean
  /** Signed for another container than the one that is asked for. */
  readonly foreign?: boolean
  /** Changes the signed query before it is sent. */
  readonly forge?: (query: string) => string
}

export interface DialectRequest {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** As it stands in the URL, escapes and all; without it the container is meant. */
  readonly blob?: string
  /** Without `?`; a signature is added. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signing?: Signing | 'none'
  /** A container that was never made. */
  readonly noContainer?: true
}

export interface Server {
  ask(request: DialectRequest): Promise<RawAnswer>
}

export interface TwoServers {
  readonly ours: Server
  readonly azurite: Server
  stop(): Promise<void>
}

type Signer = (containerId: string, signing: Signing) => string

export async function startTwoServers(): Promise<TwoServers> {
  const root = await mkdtemp(join(tmpdir(), 'alidade-oracle-'))
  const id = randomUUID()
  const own = await startBlobServer({
    root,
    resolveContainer: async (asked) =>
      asked === id ? { container: { id, attempt: 0 }, writable: true } : undefined,
  })
  const account = inject('azuriteUrl')
  const credential = new StorageSharedKeyCredential('survey', inject('azuriteKey'))
  await new ContainerClient(`${account}/${id}`, credential).create()
  return {
    ours: serverAt(`${own.origin}/alidade-blobs`, id, signOurs),
    azurite: serverAt(account, id, signAzure(credential)),
    stop: async () => {
      await own.app.close()
      await rm(root, { recursive: true })
    },
  }
}

function serverAt(base: string, id: string, sign: Signer): Server {
  return {
    ask: ({ method = 'GET', blob, query, headers = {}, body, signing = {}, noContainer }) => {
      const container = noContainer === true ? randomUUID() : id
      const forge = (signing === 'none' ? undefined : signing.forge) ?? ((text: string) => text)
      const sas = signing === 'none' ? '' : forge(sign(signing.foreign ? randomUUID() : container, signing))
      const search = [query, sas].filter(Boolean).join('&')
      const path = blob === undefined ? container : `${container}/${blob}`
      return rawRequest(`${base}/${path}?${search}`, { method, headers, ...(body !== undefined && { body }) })
    },
  }
}

function times({ startsIn, endsIn = 60 }: Signing): { startsOn?: Date; expiresOn: Date } {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)
  return { expiresOn: inMinutes(endsIn), ...(startsIn !== undefined && { startsOn: inMinutes(startsIn) }) }
}

const signOurs: Signer = (containerId, signing) => {
  const { startsOn, expiresOn } = times(signing)
  return signContainer([new Uint8Array(32).fill(7)], {
    containerId,
    permissions: signing.permissions ?? 'racwdl',
    now: new Date(),
    expiresAt: expiresOn,
    httpsOnly: signing.httpsOnly ?? false,
    ...(startsOn !== undefined && { startsAt: startsOn }),
  })
}

function signAzure(credential: StorageSharedKeyCredential): Signer {
  return (containerName, signing) =>
    generateBlobSASQueryParameters(
      {
        containerName,
        permissions: ContainerSASPermissions.parse(signing.permissions ?? 'racwdl'),
        ...times(signing),
        ...(signing.httpsOnly && { protocol: SASProtocol.Https }),
      },
      credential,
    ).toString()
}
