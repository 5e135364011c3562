// The detector, and the version of it, that a path names; and who may change them.
import type { Caller } from '../../auth/caller.ts'
import type { DetectorRecord, DetectorStore, DetectorVersionRecord } from '../../store/detector-store.ts'
import { publishedApiError } from '../api-error.ts'
import { detectorNotFound } from './detector-faults.ts'

export async function findDetector(
  detectors: Pick<DetectorStore, 'find'>,
  { org }: Caller,
  name: string,
): Promise<DetectorRecord> {
  const detector = await detectors.find(org, name)
  if (detector === undefined) throw detectorNotFound()
  return detector
}

export function versionOf({ versions }: DetectorRecord, number: string): DetectorVersionRecord {
  const version = versions.find((one) => one.number === number)
  if (version === undefined) throw detectorNotFound()
  return version
}

/** A detector is changed by whoever made it, and by admins of the tenant; others who see it are told so. */
export function refuseChange(caller: Caller, { org, ownerId }: DetectorRecord): void {
  if (org === caller.org && (caller.admin || ownerId === caller.userId)) return
  throw publishedApiError('InsufficientPermissions')
}

/** The version that a detector's name alone means: the highest number that is ready. */
export function latestReady({ versions }: DetectorRecord): DetectorVersionRecord | undefined {
  return versions.findLast(({ ready }) => ready !== undefined)
}
