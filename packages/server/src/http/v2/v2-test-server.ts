// The operations of v1, v2 and the containers for tests, on the server that the tests of v1 have.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultDetectorLimits } from '@alidade/jobs'
import { blobRoutes } from '../../blobs/blob-routes.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { containerResolver } from '../../blobs/container-resolver.ts'
import { openFolderBlobStore } from '../../blobs/folder-blob-store.ts'
import { openDetectorRows } from '../../store/detector-rows.ts'
import { startV1TestServer, type V1TestServer, type V1TestServerOptions } from '../v1/v1-test-server.ts'
import { v2Routes } from './routes.ts'

export interface V2TestServer extends V1TestServer {
  blobs: BlobStore
}

export async function startV2TestServer(
  options: Pick<V1TestServerOptions, 'pinDetectors'> = {},
): Promise<V2TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-v2-'))
  const blobs = await openFolderBlobStore({ root: join(folder, 'blobs') })
  const sasKeys = [new Uint8Array(32).fill(3)]
  const server = await startV1TestServer({
    ...options,
    moreRoutes: (app, dependencies) => {
      v2Routes(app, { ...dependencies, sasKeys })
      void app.register(blobRoutes, {
        store: blobs,
        keys: sasKeys,
        now: dependencies.now,
        resolveContainer: containerResolver({
          realityData: dependencies.realityData,
          detectors: openDetectorRows(dependencies),
          limits: defaultDetectorLimits,
        }),
        publicUrl: dependencies.publicUrl,
        maxBlobBytes: 1e6,
      })
    },
  })
  return {
    ...server,
    blobs,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
