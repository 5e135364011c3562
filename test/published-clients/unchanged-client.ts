// A program with `@itwin/reality-capture` that knows of nothing but the cloud.
import { randomUUID } from 'node:crypto'
import { RealityCaptureService, RealityDataHandler, Type } from '@itwin/reality-capture'
import { ContainerClient } from '@azure/storage-blob'

const authorization = { getAccessToken: async () => process.env.TOKEN! }
const service = new RealityCaptureService(authorization)
const created = await service.createRealityData({
  displayName: 'by hosts entry',
  type: Type.LAS,
  iTwinId: randomUUID(),
})
const result: Record<string, unknown> = { status: created.status_code, error: created.error?.error ?? null }
if (created.value != null) {
  const { id } = created.value
  const access = await service.getRealityDataWriteAccess(id)
  await new ContainerClient(access.value!._links.containerUrl.href)
    .getBlockBlobClient('own.las')
    .upload('points', 6)
  result.displayName = (await service.getRealityData(id)).value!.displayName
  result.blobs = (await new RealityDataHandler(authorization).listData(id)).value
}
process.stdout.write(JSON.stringify(result))
