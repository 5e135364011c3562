// DELETE /reality-management/reality-data/{realityDataId}: the row first, so that nobody finds half a container.
import { deleteRealityData } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { faultMessage, realityDataFaults, realityDataNotFound } from './reality-data-faults.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function deleteRealityDataRoute(
  app: FastifyInstance,
  { realityData, blobs }: RealityManagementDependencies,
): void {
  registerOperation(
    app,
    deleteRealityData,
    async ({ caller, params, request }) => {
      const id = params.realityDataId.toLowerCase()
      const deletion = await realityData.delete(caller.org, id)
      if (deletion === undefined) throw realityDataNotFound()
      if ('inUseBy' in deletion) {
        const message = `The reality data is used by the job ${deletion.inUseBy} and cannot be deleted.`
        throw realityDataFaults({ code: 'InvalidChange', message })
      }
      try {
        await blobs.deleteContainer({ id })
      } catch (error) {
        // Without its row nobody reaches the container any more: for the client it is gone, for us it is litter.
        request.log.error({ err: error, realityDataId: id }, 'the files of a deleted reality data are left')
      }
      return { status: 204 }
    },
    faultMessage,
  )
}
