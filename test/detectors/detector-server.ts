// The operations on detectors, the containers and the jobs on a real port, with a real store, real files and real tokens.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DetectorLimits, defaultDetectorLimits } from '@alidade/jobs'
import { blobRoutes } from '../../packages/server/src/blobs/blob-routes.ts'
import {
  type FolderBlobStore,
  openFolderBlobStore,
} from '../../packages/server/src/blobs/folder-blob-store.ts'
import { type RawAnswer, type RawRequest, rawRequest } from '../../packages/server/src/blobs/raw-request.ts'
import { resolveDetectorContainer } from '../../packages/server/src/http/detectors/detector-container.ts'
import { detectorRoutes } from '../../packages/server/src/http/detectors/routes.ts'
import {
  startV1TestServer,
  type V1TestServer,
  type V1TestServerOptions,
} from '../../packages/server/src/http/v1/v1-test-server.ts'
import { withBuiltInDetectors } from '../../packages/server/src/store/built-in-detectors.ts'
import { openDetectorRows } from '../../packages/server/src/store/detector-rows.ts'
import type { DetectorStore } from '../../packages/server/src/store/detector-store.ts'

export interface DetectorServer extends V1TestServer {
  detectors: DetectorStore
  blobs: FolderBlobStore
  /** What the disk of the files has; set it to fill the disk. */
  disk: { freeBytes: number; lowWaterBytes: number }
  /** Sends a request to a URL that an answer held. */
  blob(url: string, request?: RawRequest): Promise<RawAnswer>
  /** The PUT that makes `bytes` the file of a version. */
  upload(url: string, bytes: Uint8Array | string): Promise<RawAnswer>
}

const sasKeys = [new Uint8Array(32).fill(2)]

export async function startDetectorServer(
  options: Pick<V1TestServerOptions, 'rateLimitPerMinute' | 'pinDetectors'> & {
    limits?: Partial<DetectorLimits>
    mostPerTenant?: number
  } = {},
): Promise<DetectorServer> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-detectors-'))
  const disk = { freeBytes: 1e12, lowWaterBytes: 1e8 }
  const blobs = await openFolderBlobStore({ root: join(folder, 'blobs'), disk: { look: async () => disk } })
  const { limits: changed, mostPerTenant = 2000, ...serverOptions } = options
  const limits = { ...defaultDetectorLimits, ...changed }
  let detectors: DetectorStore | undefined
  const server = await startV1TestServer({
    ...serverOptions,
    moreRoutes: (app, { database, newId, now, publicUrl }) => {
      const rows = withBuiltInDetectors(openDetectorRows({ database, now, newId }))
      detectors = rows
      detectorRoutes(app, { detectors: rows, blobs, limits, mostPerTenant, sasKeys, publicUrl, now })
      void app.register(blobRoutes, {
        ...{ store: blobs, keys: sasKeys, now, publicUrl, maxBlobBytes: 1e9 },
        resolveContainer: (id) => resolveDetectorContainer(rows, limits, id),
      })
    },
  })
  const blob = (url: string, request?: RawRequest) =>
    rawRequest(server.url + url.slice('https://alidade.example/base'.length), request)
  return {
    ...server,
    detectors: detectors!,
    blobs,
    disk,
    blob,
    upload: (url, body) => blob(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body }),
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
