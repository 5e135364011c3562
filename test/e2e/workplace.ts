// What tests of whole jobs start with: a service by the real command, and a client that uploads, asks and fetches.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../../packages/client/src/index.ts'
import { pull } from '../../packages/client/src/node.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf, upload } from './survey-job.ts'

/** A service of its own, a client of it, and a folder for what goes up and what comes down. */
export interface Workplace {
  service: ServiceProcess
  client: Client
  iTwinId: string
  folder: string
  /** The id of a new reality data of the iTwin with this file, or the files of this folder. */
  upload(type: string, path: string): Promise<string>
  /** The folder into which the files of a reality data were fetched. */
  filesOf(realityDataId: string): Promise<string>
  remove(): Promise<void>
}

export async function openWorkplace(): Promise<Workplace> {
  const service = await startServiceProcess('--threads', '2')
  const client = await clientOf(service)
  const iTwinId = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'alidade-workplace-'))
  return {
    ...{ service, client, iTwinId, folder },
    upload: (type, path) => upload(client, { displayName: type, type, iTwinId }, path),
    filesOf: async (realityDataId) => {
      const into = join(folder, realityDataId)
      await pull(() => client.realityData.readAccess(realityDataId), into)
      return into
    },
    remove: async () => {
      await service.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
