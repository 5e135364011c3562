// Several processes on one PostgreSQL: API processes on one blob folder, agents with data folders of their own, of which
// the first shares the blob folder and the others reach blobs through the API.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Client, createClient } from '../../packages/client/src/index.ts'
import { createDatabase, dropDatabase } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { type ServiceProcess, startProcess } from './service-process.ts'

export interface Cluster {
  readonly databaseUrl: string
  readonly blobDir: string
  /** Replaced in place when one is started again. */
  readonly apis: ServiceProcess[]
  readonly agents: ServiceProcess[]
  /** A client whose every request goes to the next API process, as behind a balancer; one that is down is passed over. */
  client(...tokenOptions: string[]): Promise<Client>
  remove(): Promise<void>
}

export async function startCluster(
  postgresUrl: string,
  { apis = 2, agents = 3, flags = [] }: { apis?: number; agents?: number; flags?: readonly string[] } = {},
): Promise<Cluster> {
  const blobDir = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  const databaseUrl = await createDatabase(postgresUrl, basename(blobDir))
  const started: Cluster = {
    databaseUrl,
    blobDir,
    apis: [],
    agents: [],
    client: async (...tokenOptions) => {
      const token = await started.apis[0]!.token(...tokenOptions)
      return createClient({ baseUrl: 'http://balancer', token: () => token, fetch: balanced(started.apis) })
    },
    remove: async () => {
      for (const each of [...started.agents, ...started.apis]) await each.remove()
      await dropDatabase(databaseUrl)
      await rm(blobDir, { recursive: true, force: true })
    },
  }
  try {
    const blobs = ['--blob-dir', blobDir]
    const startApi = () => startProcess({ role: 'api', databaseUrl, flags: blobs })
    const startAgent = (index: number) =>
      startProcess({ role: 'agent', databaseUrl, flags: [...(index === 0 ? blobs : []), ...flags] })
    started.apis.push(...(await Promise.all(Array.from({ length: apis }, startApi))))
    started.agents.push(...(await Promise.all(Array.from({ length: agents }, (_, i) => startAgent(i)))))
    return started
  } catch (error) {
    await started.remove()
    throw error
  }
}

/** As a balancer does: the next process for each request, and another one where nobody listens. */
function balanced(apis: readonly ServiceProcess[]): typeof globalThis.fetch {
  let turn = 0
  return async (input, init) => {
    for (let tried = 1; ; tried++) {
      const api = apis[turn++ % apis.length]!
      const url = new URL(input instanceof Request ? input.url : input)
      const { host } = new URL(api.url)
      url.host = host
      try {
        return await fetch(url, init)
      } catch (error) {
        if (tried >= apis.length || init?.signal?.aborted) throw error
      }
    }
  }
}
