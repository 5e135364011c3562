// GET .../readaccess and .../writeaccess: container URLs that storage SDKs understand.
import { type ContainerAccess, getReadAccess, getWriteAccess } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { signContainer } from '../../blobs/shared-access-signature.ts'
import { registerOperation } from '../operation-route.ts'
import { findRealityData } from './find-reality-data.ts'
import { faultMessage, realityDataFaults } from './reality-data-faults.ts'
import type { RealityManagementDependencies } from './routes.ts'

/** As in Azure: read, add, create, write, delete, list. */
const permissions = { Read: 'rl', Write: 'racwdl' } as const

export function containerAccessRoutes(
  app: FastifyInstance,
  { realityData, sasKeys, publicUrl, now }: RealityManagementDependencies,
): void {
  function access(containerId: string, kind: keyof typeof permissions): ContainerAccess {
    const sas = signContainer(sasKeys, { containerId, permissions: permissions[kind], now: now() })
    const href = `${publicUrl()}/alidade-blobs/${containerId}?${sas}`
    return { type: 'AzureBlobSasUrl', access: kind, _links: { containerUrl: { href } } }
  }

  registerOperation(
    app,
    getReadAccess,
    async ({ caller, params, query }) => {
      const { id } = await findRealityData(realityData, caller.org, params.realityDataId, query.iTwinId)
      await realityData.access(caller.org, id)
      return { status: 200, body: access(id, 'Read') }
    },
    faultMessage,
  )

  registerOperation(
    app,
    getWriteAccess,
    async ({ caller, params, query }) => {
      const { id, jobId } = await findRealityData(
        realityData,
        caller.org,
        params.realityDataId,
        query.iTwinId,
      )
      if (jobId !== undefined) {
        const message = `The reality data is an output of the job ${jobId} and cannot be written to.`
        throw realityDataFaults({ code: 'InvalidChange', message })
      }
      return { status: 200, body: access(id, 'Write') }
    },
    faultMessage,
  )
}
