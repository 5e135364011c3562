// Every operation of the contract on a real port, with a real store, real files and real tokens, and no agent: tests
// play the worker, so that a job is in the state they need.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Operation,
  realityAnalysisV2Operations,
  realityDataAnalysisV1Operations,
  realityManagementOperations,
  webhooksOperations,
} from '@alidade/contract'
import { openFolderBlobStore } from '../../packages/server/src/blobs/folder-blob-store.ts'
import { addressRules } from '../../packages/server/src/webhooks/address-rules.ts'
import { realityManagementRoutes } from '../../packages/server/src/http/reality-management/routes.ts'
import { v2Routes } from '../../packages/server/src/http/v2/routes.ts'
import { webhooksRoutes } from '../../packages/server/src/http/webhooks/routes.ts'
import { startV1TestServer, type V1TestServer } from '../../packages/server/src/http/v1/v1-test-server.ts'

export const allOperations: readonly Operation[] = [
  ...realityDataAnalysisV1Operations,
  ...realityAnalysisV2Operations,
  ...realityManagementOperations,
  ...webhooksOperations,
]

/** Names as the DNS could have them: one outside, one inside. */
const addresses: Record<string, string[]> = {
  'hooks.example.org': ['93.184.215.14'],
  'intranet.example.org': ['10.1.2.3'],
}
const targetRules = {
  addresses: addressRules([]),
  resolve: async (host: string) => addresses[host] ?? [],
}

/** Both versions have operations of the same id; those of v2 are told apart. */
export function nameOf({ id, path }: Operation): string {
  return path.startsWith('/reality-analysis/') ? `v2 ${id}` : id
}

/** `rateLimitPerMinute`: requests of one client; default: no limit. */
export async function startConformanceServer(
  options: { rateLimitPerMinute?: number } = {},
): Promise<V1TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-conformance-'))
  const blobs = await openFolderBlobStore({ root: join(folder, 'blobs') })
  const server = await startV1TestServer({
    ...options,
    moreRoutes: (app, dependencies) => {
      const sasKeys = [new Uint8Array(32).fill(2)]
      v2Routes(app, { ...dependencies, sasKeys })
      realityManagementRoutes(app, { ...dependencies, blobs, sasKeys })
      webhooksRoutes(app, { ...dependencies, targetRules })
    },
  })
  return {
    ...server,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The path of `operation` with `values` for its parameters. */
export function pathOf(operation: Operation, values: Record<string, string>): string {
  return operation.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new RangeError(`${operation.id} needs a value for ${name}`)
    return encodeURIComponent(value)
  })
}
