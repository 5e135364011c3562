// PATCH /reality-management/reality-data/{realityDataId}
import { updateRealityData } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { faultMessage, realityDataNotFound } from './reality-data-faults.ts'
import { readProperties } from './reality-data-from-wire.ts'
import { toRealityData } from './reality-data-to-wire.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function updateRealityDataRoute(
  app: FastifyInstance,
  { realityData, blobs }: RealityManagementDependencies,
): void {
  registerOperation(
    app,
    updateRealityData,
    async ({ caller, params, body }) => {
      const record = await realityData.update(caller.org, params.realityDataId, readProperties(body))
      if (record === undefined) throw realityDataNotFound()
      return { status: 200, body: { realityData: await toRealityData(record, blobs) } }
    },
    faultMessage,
  )
}
