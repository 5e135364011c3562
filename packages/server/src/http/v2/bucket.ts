// GET .../itwins/{iTwinId}/bucket and .../files, under both of the paths that clients call.
import { getBucket, listServiceFiles } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { bucketContainerName } from '../../blobs/bucket-container.ts'
import { signContainer } from '../../blobs/shared-access-signature.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { publishedApiError } from '../api-error.ts'
import { registerOperation } from '../operation-route.ts'

export interface BucketDependencies {
  realityData: Pick<RealityDataStore, 'bucket'>
  /** Sign container URLs, the first of them; 32 bytes each, the same as those of the blob routes. */
  sasKeys: readonly Uint8Array[]
  publicUrl: () => string
  now: () => Date
}

/** A token with one of these may write. */
const modifyScopes = ['itwin-platform', 'realitydataanalysis:modify']

export function bucketRoutes(
  app: FastifyInstance,
  { realityData, sasKeys, publicUrl, now }: BucketDependencies,
): void {
  registerOperation(app, getBucket, async ({ caller, params }) => {
    const iTwinId = params.iTwinId.toLowerCase()
    if ((await realityData.bucket(caller.org, iTwinId)) === undefined)
      throw publishedApiError('iTwinNotFound')
    const mayWrite = modifyScopes.some((scope) => caller.scopes.includes(scope))
    const containerId = bucketContainerName(iTwinId)
    const permissions = mayWrite ? 'racwdl' : 'rl'
    const sas = signContainer(sasKeys, { containerId, permissions, now: now() })
    const href = `${publicUrl()}/alidade-blobs/${containerId}?${sas}`
    return { status: 200, body: { bucket: { iTwinId }, _links: { containerUrl: { href } } } }
  })

  registerOperation(app, listServiceFiles, () => ({ status: 200, body: { files: [] } }))
}
