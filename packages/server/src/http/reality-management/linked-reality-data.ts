// POST and GET /alidade/linked-reality-data: folders of the host as reality data, for administrators.
import {
  type LinkedRealityData,
  linkRealityData,
  listLinkedRealityData,
  publishedMessage,
} from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../auth/caller.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { LinkedFolders } from '../../linked/linked-folders.ts'
import { FolderRefused } from '../../linked/linked-roots.ts'
import type { RealityDataRecord, RealityDataStore } from '../../store/reality-data-store.ts'
import { ApiError } from '../api-error.ts'
import { registerOperation } from '../operation-route.ts'
import { faultMessage, iTwinNotFound, realityDataFaults } from './reality-data-faults.ts'
import { readProperties } from './reality-data-from-wire.ts'
import { toRealityData } from './reality-data-to-wire.ts'

export interface LinkedRealityDataDependencies {
  realityData: Pick<RealityDataStore, 'create' | 'claimITwin' | 'list'>
  blobs: Pick<BlobStore, 'sizeOf'>
  linkedFolders: LinkedFolders
}

const mostListed = 1000

export function linkedRealityDataRoutes(
  app: FastifyInstance,
  { realityData, blobs, linkedFolders }: LinkedRealityDataDependencies,
): void {
  async function toWire(record: RealityDataRecord): Promise<LinkedRealityData> {
    const folder = record.linkedFolder!
    const reachable = await linkedFolders.reaches(folder)
    return { folder, reachable, realityData: await toRealityData(record, blobs) }
  }

  registerOperation(
    app,
    linkRealityData,
    async ({ caller, body }) => {
      refuseOthers(caller)
      const { folder: named, displayName, type } = body
      const iTwinId = body.iTwinId === '' ? undefined : body.iTwinId
      const properties = { ...readProperties(body), displayName, type }
      const folder = await linkedFolders.admit(named).catch((error: unknown) => {
        if (!(error instanceof FolderRefused)) throw error
        const message = `Property 'folder' ${error.message}.`
        throw realityDataFaults({ code: 'InvalidValue', message, target: 'folder' })
      })
      if (iTwinId !== undefined && !(await realityData.claimITwin(caller.org, iTwinId)))
        throw iTwinNotFound(iTwinId)
      const record = await realityData.create(caller, iTwinId, properties, { folder })
      return { status: 201, body: { linkedRealityData: await toWire(record) } }
    },
    faultMessage,
  )

  registerOperation(
    app,
    listLinkedRealityData,
    async ({ caller }) => {
      refuseOthers(caller)
      const found = await realityData.list({ org: caller.org, linked: true, top: mostListed })
      const linkedRealityData: LinkedRealityData[] = []
      for (const record of found.realityData) linkedRealityData.push(await toWire(record))
      return { status: 200, body: { linkedRealityData } }
    },
    faultMessage,
  )
}

function refuseOthers({ admin }: Caller): void {
  if (!admin) throw new ApiError('InsufficientPermissions', publishedMessage.InsufficientPermissions)
}
