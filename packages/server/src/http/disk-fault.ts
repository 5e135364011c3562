// Whether a job would fit on the disk, before it is begun: an hour later it could only fail.
import type { ErrorDetail } from '@alidade/contract'
import type { DiskSpace } from '../disk/watch-disk.ts'

export interface DiskNeeded {
  /** Inputs that have to be copied to this machine. */
  bytesToFetch: number
  /** What the job writes itself. */
  resultBytes: number
}

/** None, or the one fault that says what is needed and what is there. */
export function diskFault({ bytesToFetch, resultBytes }: DiskNeeded, space: DiskSpace): ErrorDetail[] {
  const usableBytes = Math.max(0, space.freeBytes - space.lowWaterBytes)
  const neededBytes = bytesToFetch + resultBytes
  if (neededBytes <= usableBytes) return []
  const message =
    `The job needs ${megabytes(neededBytes)} of disk, ${megabytes(bytesToFetch)} for copies of its inputs and ` +
    `${megabytes(resultBytes)} for its results; ${megabytes(usableBytes)} can be used: ` +
    `${megabytes(space.freeBytes)} are free, of which ${megabytes(space.lowWaterBytes)} are kept back.`
  return [{ code: 'InvalidValue', message, target: 'outputs' }]
}

/** Up for small amounts, so that a need is never shown as 0. */
function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
