// Frees the files that no row of the database needs: of lost, failed and cancelled attempts, and of deleted reality data
// whose deletion a crash cut short.
import type { BlobStore, ContainerKey } from '../blobs/blob-store.ts'
import type { JobWork } from '../store/job-store.ts'

export interface SweepContainersOptions {
  jobs: Pick<JobWork, 'unneeded'>
  blobs: Pick<BlobStore, 'containers' | 'list' | 'deleteContainer'>
}

/** Uploads whose row is missing stay for so long: should the database be the one that lost them, they can be rescued. */
const orphanLifetimeMs = 7 * 24 * 3600 * 1000
const batchSize = 500

/** Looks at every container; returns those it removed. */
export async function sweepContainers(
  options: SweepContainersOptions,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<ContainerKey[]> {
  const { blobs } = options
  const mayGo = async (container: ContainerKey) =>
    container.attempt > 0 ||
    (await newestBlobAt(blobs, container)).getTime() < now.getTime() - orphanLifetimeMs
  const removed: ContainerKey[] = []
  let batch: ContainerKey[] = []
  for await (const container of blobs.containers()) {
    signal.throwIfAborted()
    batch.push(container)
    if (batch.length < batchSize) continue
    removed.push(...(await removeUnneeded(options, batch, mayGo)))
    batch = []
  }
  removed.push(...(await removeUnneeded(options, batch, mayGo)))
  return removed
}

/** Removes those of the containers that no row needs. */
export async function removeUnneeded(
  { jobs, blobs }: { jobs: Pick<JobWork, 'unneeded'>; blobs: Pick<BlobStore, 'deleteContainer'> },
  containers: readonly ContainerKey[],
  mayGo: (container: ContainerKey) => Promise<boolean> = async () => true,
): Promise<ContainerKey[]> {
  const removed: ContainerKey[] = []
  for (const container of await jobs.unneeded(containers)) {
    if (!(await mayGo(container))) continue
    await blobs.deleteContainer(container)
    removed.push(container)
  }
  return removed
}

async function newestBlobAt(blobs: Pick<BlobStore, 'list'>, container: ContainerKey): Promise<Date> {
  let newest = new Date(0)
  let marker: string | undefined
  do {
    const page = await blobs.list(container, marker === undefined ? {} : { marker })
    for (const { lastModified } of page.blobs) if (lastModified > newest) newest = lastModified
    marker = page.nextMarker
  } while (marker !== undefined)
  return newest
}
