// POST /reality-management/reality-data: a record and, behind it, an empty container.
import { createRealityData } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { faultMessage, iTwinNotFound } from './reality-data-faults.ts'
import { readProperties } from './reality-data-from-wire.ts'
import { toRealityData } from './reality-data-to-wire.ts'
import type { RealityManagementDependencies } from './routes.ts'

/** Nobody can have written to it yet, and who keeps the files may be away. */
const empty = { sizeOf: async () => 0 }

export function createRealityDataRoute(
  app: FastifyInstance,
  { realityData }: RealityManagementDependencies,
): void {
  registerOperation(
    app,
    createRealityData,
    async ({ caller, body }) => {
      const { displayName, type } = body
      const iTwinId = body.iTwinId === '' ? undefined : body.iTwinId
      const properties = { ...readProperties(body), displayName, type }
      if (iTwinId !== undefined && !(await realityData.claimITwin(caller.org, iTwinId))) {
        throw iTwinNotFound(iTwinId)
      }
      const record = await realityData.create(caller, iTwinId, properties)
      return { status: 201, body: { realityData: await toRealityData(record, empty) } }
    },
    faultMessage,
  )
}
