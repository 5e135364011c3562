// GET .../readaccess and .../writeaccess: container URLs that storage SDKs understand.
import { type ContainerAccess, getReadAccess, getWriteAccess } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { ContainerKey } from '../../blobs/blob-store.ts'
import { type ContainerAccessKind, ownContainerUrls } from '../../blobs/container-urls.ts'
import { containerOf } from '../../store/reality-data-store.ts'
import { registerOperation } from '../operation-route.ts'
import { findRealityData } from './find-reality-data.ts'
import { faultMessage, realityDataFaults } from './reality-data-faults.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function containerAccessRoutes(
  app: FastifyInstance,
  dependencies: RealityManagementDependencies,
): void {
  const ownUrls = ownContainerUrls(dependencies)
  const { realityData, containerUrls = ownUrls } = dependencies

  async function access(container: ContainerKey, kind: ContainerAccessKind): Promise<ContainerAccess> {
    // A linked folder is read through us, wherever the others are.
    const urls = container.linkedFolder === undefined ? containerUrls : ownUrls
    const href = await urls.signedUrl(container, kind)
    return { type: 'AzureBlobSasUrl', access: kind, _links: { containerUrl: { href } } }
  }

  registerOperation(
    app,
    getReadAccess,
    async ({ caller, params, query }) => {
      const found = await findRealityData(realityData, caller.org, params.realityDataId, query.iTwinId)
      await realityData.access(caller.org, found.id)
      return { status: 200, body: await access(containerOf(found), 'Read') }
    },
    faultMessage,
  )

  registerOperation(
    app,
    getWriteAccess,
    async ({ caller, params, query }) => {
      const { id, jobId, linkedFolder } = await findRealityData(
        realityData,
        caller.org,
        params.realityDataId,
        query.iTwinId,
      )
      if (jobId !== undefined) {
        const message = `The reality data is an output of the job ${jobId} and cannot be written to.`
        throw realityDataFaults({ code: 'InvalidChange', message })
      }
      if (linkedFolder !== undefined) {
        const message = 'The reality data is a linked folder, which is read only.'
        throw realityDataFaults({ code: 'InvalidChange', message })
      }
      return { status: 200, body: await access({ id, attempt: 0 }, 'Write') }
    },
    faultMessage,
  )
}
