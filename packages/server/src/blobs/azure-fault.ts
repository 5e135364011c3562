/** What Azure Blob Storage refuses, as refusals of the port. */
import { type BlobErrorCode, BlobStoreError } from './blob-store.ts'

/**
 * A refusal that the port has no word for: wrong keys, a busy account, no answer. It carries nothing of the request,
 * whose headers and address open doors.
 */
export class AzureStorageError extends Error {
  override readonly name = 'AzureStorageError'
  /** Undefined: there was no answer. */
  readonly status: number | undefined
  readonly code: string
  readonly requestId: string | undefined
  constructor({ status, code, requestId }: ToldFault) {
    const what = status === undefined ? `does not answer: ${code}` : `answered ${status} ${code}`
    super(`Azure Blob Storage ${what}${requestId === undefined ? '' : ` (request ${requestId})`}`)
    this.status = status
    this.code = code
    this.requestId = requestId
  }
}

const refusals: Readonly<Record<string, BlobErrorCode>> = {
  BlobAlreadyExists: 'BlobAlreadyExists',
  BlobNotFound: 'BlobNotFound',
  BlockCountExceedsLimit: 'TooLarge',
  BlockListTooLong: 'TooLarge',
  ConditionNotMet: 'ConditionNotMet',
  ContainerBeingDeleted: 'ContainerGone',
  ContainerNotFound: 'ContainerGone',
  InvalidBlobOrBlock: 'InvalidBlockList',
  InvalidBlockId: 'InvalidBlockId',
  InvalidBlockList: 'InvalidBlockList',
  InvalidRange: 'InvalidRange',
  InvalidResourceName: 'InvalidName',
  Md5Mismatch: 'Md5Mismatch',
  RequestBodyTooLarge: 'TooLarge',
}

export interface ToldFault {
  /** Undefined: there was no answer. */
  readonly status: number | undefined
  readonly code: string
  readonly requestId: string | undefined
}

export function azureFaultOf({ status, code, requestId }: ToldFault): BlobStoreError | AzureStorageError {
  const refusal = status === undefined ? undefined : (refusals[code] ?? refusalOf(status))
  if (refusal === undefined) return new AzureStorageError({ status, code, requestId })
  return new BlobStoreError(refusal, `Azure Blob Storage answered ${status} ${code}`)
}

/** An answer to HEAD has no body, and not every server repeats its code in a header. */
function refusalOf(status: number): BlobErrorCode | undefined {
  if (status === 404) return 'BlobNotFound'
  return status === 412 ? 'ConditionNotMet' : undefined
}

/** In our words what the SDK says of a failed request; `error` itself where it is something else. */
function azureFault(error: unknown): unknown {
  if (!isRequestFault(error)) return error
  const { statusCode: status, code, details, response } = error
  return azureFaultOf({
    status,
    code: details?.errorCode ?? response?.headers?.get('x-ms-error-code') ?? code ?? 'no reason given',
    requestId: details?.requestId ?? response?.headers?.get('x-ms-request-id'),
  })
}

/** The outcome of `work`, its faults in our words. */
export async function askAzure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw azureFault(error)
  }
}

/** As `askAzure`, but `instead` where the answer is one of these. */
export async function askAzureOr<T, I>(
  instead: I,
  codes: readonly BlobErrorCode[],
  work: Promise<T>,
): Promise<T | I> {
  try {
    return await askAzure(work)
  } catch (error) {
    if (error instanceof BlobStoreError && codes.includes(error.code)) return instead
    throw error
  }
}

interface RequestFault {
  readonly statusCode?: number
  readonly code?: string
  readonly details?: { readonly errorCode?: string; readonly requestId?: string }
  readonly response?: { readonly headers?: { get(name: string): string | undefined } }
}

function isRequestFault(error: unknown): error is RequestFault {
  return error instanceof Error && error.name === 'RestError'
}
