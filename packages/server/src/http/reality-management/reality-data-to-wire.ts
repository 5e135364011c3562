// A reality data as clients see it. What is not known is left out: published clients refuse nulls.
import type { RealityData, RealityDataMinimal } from '@alidade/contract'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { containerOf, type RealityDataRecord } from '../../store/reality-data-store.ts'

/** Sizes are read from the disk, so many at a time. */
const concurrentSizes = 16

export async function toRealityData(
  record: RealityDataRecord,
  blobs: Pick<BlobStore, 'sizeOf'>,
): Promise<RealityData> {
  const { id, attempt, properties } = record
  const sizeBytes = attempt === undefined ? 0 : await blobs.sizeOf(containerOf(record))
  // JSON drops the members that are undefined, at every depth, which is what the schema's types say.
  return JSON.parse(
    JSON.stringify({
      id,
      authoring: false,
      ...properties,
      dataCenterLocation: 'Local',
      size: Math.ceil(sizeBytes / 1024),
      ownerId: record.ownerId,
      createdDateTime: wireDate(record.createdAt),
      modifiedDateTime: wireDate(record.modifiedAt),
      lastAccessedDateTime: wireDate(record.lastAccessedAt),
    }),
  ) as RealityData
}

export async function toRealityDataList(
  records: RealityDataRecord[],
  blobs: Pick<BlobStore, 'sizeOf'>,
): Promise<RealityData[]> {
  const list: RealityData[] = []
  for (let i = 0; i < records.length; i += concurrentSizes) {
    const some = records.slice(i, i + concurrentSizes)
    list.push(...(await Promise.all(some.map((record) => toRealityData(record, blobs)))))
  }
  return list
}

export function toMinimal({ id, properties }: RealityDataRecord): RealityDataMinimal {
  return { id, displayName: properties.displayName, type: properties.type }
}

/** ISO 8601, UTC, whole seconds: `2026-03-30T15:14:55Z`. */
export function wireDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
