// What a client does around a job when containers are in an account: the storage SDK goes there itself.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { ContainerClient } from '@azure/storage-blob'
import type { Client } from '../../packages/client/src/index.ts'

/** Uploads both surveys by the SDK; the ids of their reality data. */
export async function uploadBySdk(
  client: Client,
  iTwinId: string,
  paths: readonly string[],
): Promise<string[]> {
  const ids: string[] = []
  for (const path of paths) {
    const { id } = await client.realityData.create({ displayName: basename(path), type: 'LAS', iTwinId })
    const container = new ContainerClient(await client.realityData.writeAccess(id))
    await container
      .getBlockBlobClient(basename(path))
      .uploadFile(path, { blockSize: 2 ** 20, maxSingleShotSize: 2 ** 20 })
    ids.push(id)
  }
  return ids
}

/** Every result file of a job as the SDK downloads it, by `output/name`. */
export async function resultsBySdk(client: Client, jobId: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const { type, id } of (await client.jobs.get(jobId)).outputs) {
    const container = new ContainerClient(await client.realityData.readAccess(id))
    for await (const { name } of container.listBlobsFlat())
      files.set(`${type}/${name}`, await container.getBlobClient(name).downloadToBuffer())
  }
  return files
}

/** One hash of all result files, names included; the same as `resultHash` of what our own client pulled. */
export function hashOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(name).update(bytes)
  return hash.digest('hex')
}
