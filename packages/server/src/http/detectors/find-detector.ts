// The detector, and the version of it, that a path names; and who may change them.
import type { ErrorDetail } from '@alidade/contract'
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
export function refuseChange(caller: Caller, { org, ownerId, builtIn }: DetectorRecord): void {
  if (!builtIn && org === caller.org && (caller.admin || ownerId === caller.userId)) return
  throw publishedApiError('InsufficientPermissions')
}

/** A fault where the tenant has as many detectors and versions as it may have. */
export async function crowdedFaults(
  detectors: Pick<DetectorStore, 'count'>,
  { org }: Caller,
  most = 2000,
): Promise<ErrorDetail[]> {
  if ((await detectors.count(org)) < most) return []
  const message = `The tenant has ${most} detectors and versions, and no more are kept; delete some first.`
  return [{ code: 'InvalidChange', message }]
}

/** The version that a detector's name alone means: the highest number that is ready. */
export function latestReady({ versions }: DetectorRecord): DetectorVersionRecord | undefined {
  return versions.findLast(({ ready }) => ready !== undefined)
}
