// The reality data that a path names.
import type { RealityDataRecord, RealityDataStore } from '../../store/reality-data-store.ts'
import { realityDataNotFound } from './reality-data-faults.ts'

/** Throws `RealityDataNotFound`, also when the reality data is not in the iTwin that the query names. */
export async function findRealityData(
  store: Pick<RealityDataStore, 'get'>,
  org: string,
  realityDataId: string,
  iTwinId?: string,
): Promise<RealityDataRecord> {
  const record = await store.get(org, realityDataId)
  if (record === undefined) throw realityDataNotFound()
  if (iTwinId !== undefined && !record.iTwinIds.includes(iTwinId.toLowerCase())) throw realityDataNotFound()
  return record
}
