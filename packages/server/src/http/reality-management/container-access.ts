// GET .../readaccess and .../writeaccess: container URLs that storage SDKs understand.
import { type ContainerAccess, getReadAccess, getWriteAccess } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { ContainerKey } from '../../blobs/blob-store.ts'
import { type ContainerAccessKind, ownContainerUrls } from '../../blobs/container-urls.ts'
import { registerOperation } from '../operation-route.ts'
import { findRealityData } from './find-reality-data.ts'
import { faultMessage, realityDataFaults } from './reality-data-faults.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function containerAccessRoutes(
  app: FastifyInstance,
  dependencies: RealityManagementDependencies,
): void {
  const { realityData, containerUrls = ownContainerUrls(dependencies) } = dependencies

  async function access(container: ContainerKey, kind: ContainerAccessKind): Promise<ContainerAccess> {
    const href = await containerUrls.signedUrl(container, kind)
    return { type: 'AzureBlobSasUrl', access: kind, _links: { containerUrl: { href } } }
  }

  registerOperation(
    app,
    getReadAccess,
    async ({ caller, params, query }) => {
      const found = await findRealityData(realityData, caller.org, params.realityDataId, query.iTwinId)
      const { id, attempt = 0 } = found
      await realityData.access(caller.org, id)
      return { status: 200, body: await access({ id, attempt }, 'Read') }
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
      return { status: 200, body: await access({ id, attempt: 0 }, 'Write') }
    },
    faultMessage,
  )
}
