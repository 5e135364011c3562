// Frees the files that no row of the database needs: of deleted reality data whose deletion was cut short, of lost, failed
// and cancelled attempts, and of whatever else has no row.
import type { BlobStore, ContainerKey } from '../blobs/blob-store.ts'
import type { JobWork } from '../store/job-store.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'

export interface SweepContainersOptions {
  jobs: Pick<JobWork, 'unneeded'>
  realityData: Pick<RealityDataStore, 'removals' | 'settleRemoval'>
  blobs: Pick<BlobStore, 'containers' | 'list' | 'sizeOf' | 'deleteContainer'>
}

/** `deleted`: its reality data was; `unreferenced`: no row knows of it. */
export type SweepReason = 'deleted' | 'unreferenced'

export interface SweptContainer extends ContainerKey {
  reason: SweepReason
  sizeBytes: number
}

const hourMs = 3600 * 1000
/** Uploads whose row is missing stay for so long: should the database be the one that lost them, they can be rescued. */
const orphanLifetimeMs = 7 * 24 * hourMs
/** What an attempt wrote can be computed again; an agent that has just lost its job may still be writing. */
const attemptLifetimeMs = hourMs
/** Whoever deleted it removes the files at that moment; only what is older was cut short. */
const removalPatienceMs = 60 * 1000
/** Longer than a container URL is good for: what was being uploaded through one is swept with the rest. */
const removalLifetimeMs = 2 * hourMs
const batchSize = 500

/** Looks at every container; returns those it removed. */
export async function sweepContainers(
  options: SweepContainersOptions,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<SweptContainer[]> {
  const swept = await sweepDeleted(options, { now, signal })
  const { blobs } = options
  const lifetimeMs = ({ attempt }: ContainerKey) => (attempt > 0 ? attemptLifetimeMs : orphanLifetimeMs)
  const sizes = new Map<ContainerKey, number>()
  const mayGo = async (container: ContainerKey) => {
    signal.throwIfAborted()
    const { newest, sizeBytes } = await lookInto(blobs, container)
    sizes.set(container, sizeBytes)
    return newest.getTime() < now.getTime() - lifetimeMs(container)
  }
  const sweepBatch = async (batch: ContainerKey[]) => {
    for (const container of await removeUnneeded(options, batch, mayGo))
      swept.push({ ...container, reason: 'unreferenced', sizeBytes: sizes.get(container) ?? 0 })
  }
  let batch: ContainerKey[] = []
  for await (const container of blobs.containers()) {
    signal.throwIfAborted()
    batch.push(container)
    if (batch.length < batchSize) continue
    await sweepBatch(batch)
    batch = []
  }
  await sweepBatch(batch)
  return swept
}

/** What was written down with the deletion: removed as often as somebody could still have written to it. */
async function sweepDeleted(
  { realityData, blobs }: SweepContainersOptions,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<SweptContainer[]> {
  const swept: SweptContainer[] = []
  for (const { id, attempt, requestedAt } of await realityData.removals(before(now, removalPatienceMs))) {
    signal.throwIfAborted()
    const sizeBytes = await blobs.sizeOf({ id, attempt })
    await blobs.deleteContainer({ id })
    if (sizeBytes > 0) swept.push({ id, attempt, reason: 'deleted', sizeBytes })
    if (requestedAt <= before(now, removalLifetimeMs)) await realityData.settleRemoval(id)
  }
  return swept
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

async function lookInto(
  blobs: Pick<BlobStore, 'list'>,
  container: ContainerKey,
): Promise<{ newest: Date; sizeBytes: number }> {
  let newest = new Date(0)
  let bytes = 0
  let marker: string | undefined
  do {
    const page = await blobs.list(container, marker === undefined ? {} : { marker })
    for (const { lastModified, sizeBytes } of page.blobs) {
      if (lastModified > newest) newest = lastModified
      bytes += sizeBytes
    }
    marker = page.nextMarker
  } while (marker !== undefined)
  return { newest, sizeBytes: bytes }
}

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds)
}
