// GET /reality-management/reality-data/{realityDataId}
import { getRealityData } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { findRealityData } from './find-reality-data.ts'
import { faultMessage } from './reality-data-faults.ts'
import { toRealityData } from './reality-data-to-wire.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function getRealityDataRoute(
  app: FastifyInstance,
  { realityData, blobs }: RealityManagementDependencies,
): void {
  registerOperation(
    app,
    getRealityData,
    async ({ caller, params, query }) => {
      const record = await findRealityData(realityData, caller.org, params.realityDataId, query.iTwinId)
      return { status: 200, body: { realityData: await toRealityData(record, blobs) } }
    },
    faultMessage,
  )
}
