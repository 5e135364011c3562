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
      if ('inITwins' in deletion) {
        const message = `The reality data belongs to ${deletion.inITwins} iTwins; dissociate it from all but one before it is deleted.`
        throw realityDataFaults({ code: 'InvalidChange', message })
      }
      // The folder of linked data is not ours.
      if (deletion.linkedFolder !== undefined) return { status: 204 }
      try {
        await blobs.deleteContainer({ id })
      } catch (error) {
        // Without its row nobody reaches the container any more: for the client it is gone, and that it has to go is
        // written down.
        request.log.error(
          { err: error, realityDataId: id },
          'the files of a deleted reality data are left to the sweep',
        )
      }
      return { status: 204 }
    },
    faultMessage,
  )
}
