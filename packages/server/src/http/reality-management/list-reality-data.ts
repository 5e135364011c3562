// GET /reality-management/reality-data
import { listRealityData } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import { type ListPosition, positionToken, readPositionToken } from './list-position.ts'
import { readListParameters } from './list-query.ts'
import { faultMessage, realityDataFaults } from './reality-data-faults.ts'
import { toMinimal, toRealityDataList } from './reality-data-to-wire.ts'
import type { RealityManagementDependencies } from './routes.ts'

const defaultTop = 100

export function listRealityDataRoute(
  app: FastifyInstance,
  { realityData, blobs, publicUrl, tokenKey }: RealityManagementDependencies,
): void {
  registerOperation(
    app,
    listRealityData,
    async ({ caller, query, headers }) => {
      const { $top, continuationToken, ...given } = query
      const position =
        continuationToken === undefined
          ? undefined
          : readPosition(continuationToken, given, caller.org, tokenKey)
      const parameters = position?.parameters ?? given
      const { listed, nothing, faults } = readListParameters(parameters)
      if (faults.length > 0) throw realityDataFaults(...faults)

      const top = $top ?? position?.top ?? defaultTop
      const page = nothing
        ? { realityData: [], next: undefined }
        : await realityData.list({ ...listed, org: caller.org, top, after: position?.after })
      const found = prefersRepresentation(headers.prefer)
        ? await toRealityDataList(page.realityData, blobs)
        : page.realityData.map(toMinimal)
      if (page.next === undefined) return { status: 200, body: { realityData: found } }
      const token = positionToken({ after: page.next, top, parameters }, caller.org, tokenKey)
      const href = `${publicUrl()}${listRealityData.path}?continuationToken=${token}`
      return { status: 200, body: { realityData: found, _links: { next: { href } } } }
    },
    faultMessage,
  )
}

function readPosition(
  token: string,
  given: Record<string, string>,
  org: string,
  key: Uint8Array,
): ListPosition {
  const position = readPositionToken(token, org, key)
  const changed = Object.keys(given).find((name) => given[name] !== position?.parameters[name])
  if (position !== undefined && changed === undefined) return position
  const fault =
    position === undefined
      ? 'was not issued by this service for this caller; take it from _links.next.href as it is'
      : `belongs to a list with another '${changed}'`
  throw realityDataFaults({
    code: 'InvalidParameter',
    message: `Parameter 'continuationToken' ${fault}.`,
    target: 'continuationToken',
  })
}

/** RFC 7240: preferences are separated by commas; the first of a name counts; what is not known is ignored. */
function prefersRepresentation(prefer: string | undefined): boolean {
  const wanted = prefer
    ?.toLowerCase()
    .split(',')
    .map((preference) => preference.split(';')[0]!.replace(/[\s"]/g, ''))
    .find((preference) => preference.startsWith('return='))
  return wanted === 'return=representation'
}
