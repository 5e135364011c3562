// Delete, complete, publish and unpublish, which v1 and v2 do alike.
import { detectorVersionOperationsV1, detectorVersionOperationsV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../auth/caller.ts'
import { KeyedLock } from '../../blobs/keyed-lock.ts'
import { BlobStoreError } from '../../blobs/blob-store.ts'
import { ApiError } from '../api-error.ts'
import { registerOperation } from '../operation-route.ts'
import { completeVersion } from './complete-version.ts'
import { type DetectorApi, detectorFaults, detectorNotFound, faultMessageOf } from './detector-faults.ts'
import { findDetector, refuseChange, versionOf } from './find-detector.ts'
import type { DetectorDependencies } from './routes.ts'

const operationsOf = { v1: detectorVersionOperationsV1, v2: detectorVersionOperationsV2 }

export function detectorVersionRoutes(
  app: FastifyInstance,
  api: DetectorApi,
  { detectors, blobs, limits }: DetectorDependencies,
): void {
  const operations = operationsOf[api.version]
  /** By tenant: looking into files takes a while, and one tenant after another does not wait for a third. */
  const looking = new KeyedLock()

  async function removeFiles(versionIds: readonly string[], log: FastifyInstance['log']): Promise<void> {
    for (const id of versionIds) {
      try {
        await blobs.deleteContainer({ id })
      } catch (error) {
        // Without its row nobody reaches the container any more: the sweeper frees it.
        log.error({ err: error, detectorVersionId: id }, 'the file of a deleted detector version is left')
      }
    }
  }

  registerOperation(
    app,
    operations.deleteDetector,
    async ({ caller, params, request }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      refuseChange(caller, detector)
      const deletion = await detectors.delete(detector.org, detector.id)
      if (deletion === undefined) throw detectorNotFound()
      if (deletion === 'used') throw detectorFaults(api, 'delete', inUse)
      await removeFiles(deletion.versionIds, request.log)
      return { status: 204 }
    },
    faultMessageOf('delete'),
  )

  registerOperation(
    app,
    operations.deleteDetectorVersion,
    async ({ caller, params, request }) => {
      const detector = await findDetector(detectors, caller, params.detectorName)
      const { id } = versionOf(detector, params.detectorVersion)
      refuseChange(caller, detector)
      const deletion = await detectors.deleteVersion(detector.org, id)
      if (deletion === undefined) throw detectorNotFound()
      if (deletion === 'used') throw detectorFaults(api, 'deleteVersion', inUse)
      await removeFiles(deletion.versionIds, request.log)
      return { status: 204 }
    },
    faultMessageOf('deleteVersion'),
  )

  registerOperation(
    app,
    operations.completeDetectorVersion,
    async ({ caller, params }) => {
      const find = async () => {
        const detector = await findDetector(detectors, caller, params.detectorName)
        return { detector, version: versionOf(detector, params.detectorVersion) }
      }
      refuseChange(caller, (await find()).detector)
      return looking.run(caller.org, async () => {
        const { detector, version } = await find()
        if (version.ready !== undefined) return { status: 204 }
        const completion = await completeVersion(detector, version, { detectors, blobs, limits }).catch(
          diskFull,
        )
        if (completion === 'ready') return { status: 204 }
        if (completion !== 'gone') {
          throw detectorFaults(api, 'complete', { code: 'InvalidValue', message: completion.problem })
        }
        // Another process was faster, or it was deleted.
        if ((await find()).version.ready === undefined) throw detectorNotFound()
        return { status: 204 }
      })
    },
    faultMessageOf('complete'),
  )

  async function setPublished(
    action: 'publish' | 'unpublish',
    { caller, params }: { caller: Caller; params: { detectorName: string; detectorVersion: string } },
  ) {
    const detector = await findDetector(detectors, caller, params.detectorName)
    const { id, ready } = versionOf(detector, params.detectorVersion)
    refuseChange(caller, detector)
    const fault = (message: string) => detectorFaults(api, action, { code: 'InvalidParameter', message })
    if (ready === undefined) throw fault(`Detector version cannot be ${action}ed.`)
    if (!(await detectors.setPublished(detector.org, id, action === 'publish'))) {
      throw fault(`A published detector has the name '${detector.name}' already.`)
    }
    return { status: 204 } as const
  }

  registerOperation(
    app,
    operations.publishDetectorVersion,
    (request) => setPublished('publish', request),
    faultMessageOf('publish'),
  )
  registerOperation(
    app,
    operations.unpublishDetectorVersion,
    (request) => setPublished('unpublish', request),
    faultMessageOf('unpublish'),
  )
}

const inUse = { code: 'InvalidChange', message: 'An active job uses the detector.' }

function diskFull(error: unknown): never {
  if (!(error instanceof BlobStoreError && error.code === 'NoSpace')) throw error
  const message = 'The disk of the service is full; what was asked for was not done. Try again later.'
  throw new ApiError('ServiceUnavailable', message, { cause: error, headers: { 'retry-after': '60' } })
}
