// Which iTwin a reality data belongs to: asked for, set, cleared and replaced. There is one at most.
import {
  associateRealityData,
  dissociateRealityData,
  getRealityDataITwins,
  moveRealityData,
} from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
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
      const { iTwinId } = await findRealityData(realityData, caller.org, params.realityDataId)
      return { status: 200, body: { iTwins: iTwinId === undefined ? [] : [iTwinId] } }
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
      const set = await realityData.setITwin(caller.org, id, { to: iTwinId, from: { iTwinId: undefined } })
      const record = set ?? (await findRealityData(realityData, caller.org, id))
      if (record.iTwinId !== iTwinId) {
        throw realityDataFaults({
          code: 'InvalidChange',
          message:
            'The reality data belongs to another iTwin, and this service keeps one for each; move it instead.',
          target: 'iTwinId',
        })
      }
      return { status: 200, body: { iTwinAssociation: { id, iTwinId } } }
    },
    faultMessage,
  )

  registerOperation(
    app,
    dissociateRealityData,
    async ({ caller, params }) => {
      const from = { iTwinId: params.iTwinId }
      const record = await realityData.setITwin(caller.org, params.realityDataId, { to: undefined, from })
      if (record === undefined) throw realityDataNotFound()
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
      const record = await realityData.setITwin(caller.org, id, { to: body.iTwinId })
      if (record === undefined) throw realityDataNotFound()
      return { status: 204 }
    },
    faultMessage,
  )
}
