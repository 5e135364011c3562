/** The error codes of the Azure Blob dialect that we answer with, and their statuses. */
import type { BlobStoreError } from './blob-store.ts'

/**
 * Source: Azure Storage REST reference, "Common" and "Blob service error codes". 507 is ours: a full disk.
 */
export const azureErrorStatus = {
  AuthenticationFailed: 403,
  AuthorizationPermissionMismatch: 403,
  AuthorizationProtocolMismatch: 403,
  BlobAlreadyExists: 409,
  BlobImmutableDueToPolicy: 409,
  BlobNotFound: 404,
  ConditionNotMet: 412,
  ContainerNotFound: 404,
  InsufficientStorage: 507,
  InternalError: 500,
  InvalidBlockId: 400,
  InvalidBlockList: 400,
  InvalidHeaderValue: 400,
  InvalidInput: 400,
  InvalidMd5: 400,
  InvalidQueryParameterValue: 400,
  InvalidRange: 416,
  InvalidResourceName: 400,
  InvalidUri: 400,
  InvalidXmlDocument: 400,
  Md5Mismatch: 400,
  MissingRequiredHeader: 400,
  OperationTimedOut: 408,
  OutOfRangeQueryParameterValue: 400,
  RequestBodyTooLarge: 413,
  UnsupportedHeader: 400,
  UnsupportedHttpVerb: 405,
  UnsupportedQueryParameter: 400,
} as const

export type AzureErrorCode = keyof typeof azureErrorStatus

/** What the client of the blob routes is told. */
export class AzureError extends Error {
  override readonly name = 'AzureError'
  readonly code: AzureErrorCode
  readonly status: number
  /** Extra headers of the answer. */
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: AzureErrorCode,
    message: string,
    options?: ErrorOptions & { headers?: Readonly<Record<string, string>> },
  ) {
    super(message, options)
    this.code = code
    this.status = azureErrorStatus[code]
    this.headers = options?.headers ?? {}
  }
}

/** The answer to an error of the store. */
export function azureErrorOf(error: BlobStoreError): AzureError {
  const code = azureCodeOf(error)
  // Once there is space the same request does; clients that understand the header wait.
  const headers: Record<string, string> = code === 'InsufficientStorage' ? { 'retry-after': '60' } : {}
  return new AzureError(code, error.message, { cause: error, headers })
}

function azureCodeOf({ code }: BlobStoreError): AzureErrorCode {
  switch (code) {
    case 'BlobAlreadyExists':
    case 'BlobNotFound':
    case 'ConditionNotMet':
    case 'InvalidBlockId':
    case 'InvalidBlockList':
    case 'InvalidRange':
    case 'Md5Mismatch':
      return code
    case 'Aborted':
    case 'LengthMismatch':
      return 'InvalidInput'
    case 'ContainerGone':
    case 'InvalidContainer':
      return 'ContainerNotFound'
    case 'InvalidName':
      return 'InvalidResourceName'
    case 'NoSpace':
      return 'InsufficientStorage'
    case 'TooLarge':
      return 'RequestBodyTooLarge'
  }
}
