// Which iTwins a reality data belongs to: asked for, added to, taken from and replaced.
import {
  associateRealityData,
  dissociateRealityData,
  getRealityDataITwins,
  moveRealityData,
  publishedMessage,
} from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../api-error.ts'
import { registerOperation } from '../operation-route.ts'
import { findRealityData } from './find-reality-data.ts'
import { faultMessage, iTwinNotFound, realityDataFaults, realityDataNotFound } from './reality-data-faults.ts'
import type { RealityManagementDependencies } from './routes.ts'

export function iTwinRoutes(
  app: FastifyInstance,
  { realityData }: Pick<RealityManagementDependencies, 'realityData'>,
): void {
  async function claim(org: string, iTwinId: string): Promise<void> {
    if (!(await realityData.claimITwin(org, iTwinId))) throw iTwinNotFound(iTwinId)
  }

  registerOperation(
    app,
    getRealityDataITwins,
    async ({ caller, params }) => {
      const { iTwinIds } = await findRealityData(realityData, caller.org, params.realityDataId)
      return { status: 200, body: { iTwins: iTwinIds } }
    },
    faultMessage,
  )

  registerOperation(
    app,
    associateRealityData,
    async ({ caller, params }) => {
      const iTwinId = params.iTwinId.toLowerCase()
      const { id } = await findRealityData(realityData, caller.org, params.realityDataId)
      await claim(caller.org, iTwinId)
      const record = await realityData.associate(caller.org, id, iTwinId)
      if (record === undefined) throw realityDataNotFound()
      return { status: 200, body: { iTwinAssociation: { id, iTwinId } } }
    },
    faultMessage,
  )

  registerOperation(
    app,
    dissociateRealityData,
    async ({ caller, params }) => {
      const { id } = await findRealityData(realityData, caller.org, params.realityDataId)
      const record = await realityData.dissociate(caller.org, id, params.iTwinId)
      if (record === undefined)
        throw new ApiError('AssociationNotFound', publishedMessage.AssociationNotFound)
      return { status: 204 }
    },
    faultMessage,
  )

  registerOperation(
    app,
    moveRealityData,
    async ({ caller, params, body }) => {
      const { id } = await findRealityData(realityData, caller.org, params.realityDataId)
      await claim(caller.org, body.iTwinId)
      const moved = await realityData.move(caller.org, id, body.iTwinId)
      if (moved !== undefined) return { status: 204 }
      const { iTwinIds } = await findRealityData(realityData, caller.org, id)
      const message = `The reality data belongs to ${iTwinIds.length} iTwins; dissociate it from all but one before it is moved.`
      throw realityDataFaults({ code: 'InvalidChange', message })
    },
    faultMessage,
  )
}
