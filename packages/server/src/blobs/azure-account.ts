/** The account of Azure Blob Storage that a connection string names, and the URLs that its key signs. */
import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { signatureLifetimeMilliseconds } from './shared-access-signature.ts'

export interface AzureAccountOptions {
  readonly connectionString: string
  /** How often a request is tried; with pauses of 0, 1, 3, 7, 15 and then 30 s. */
  readonly maxTries: number
  readonly now: () => Date
}

export interface AzureAccount {
  readonly service: BlobServiceClient
  /** Endpoint without a slash at the end: which account it is. */
  readonly url: string
  /** The container's URL, good for an hour from now; `permissions` as in Azure, e.g. `rl`. */
  signedUrl(containerName: string, permissions: string): string
}

/** Throws a TypeError, which does not repeat the text, where it names no account or no key. */
export function openAzureAccount({ connectionString, maxTries, now }: AzureAccountOptions): AzureAccount {
  const service = serviceOf(connectionString, maxTries)
  const { credential } = service
  if (!(credential instanceof StorageSharedKeyCredential)) {
    throw new TypeError('the connection string has no AccountKey, which container URLs are signed with')
  }
  const url = service.url.replace(/\/+$/, '')
  const signedUrl = (containerName: string, permissions: string) => {
    const sas = generateBlobSASQueryParameters(
      {
        containerName,
        permissions: ContainerSASPermissions.parse(permissions),
        expiresOn: new Date(now().getTime() + signatureLifetimeMilliseconds),
        // Without a start: the clock of the account may be behind ours.
        ...(url.startsWith('https:') && { protocol: SASProtocol.Https }),
      },
      credential,
    )
    return `${url}/${containerName}?${sas}`
  }
  return { service, url, signedUrl }
}

function serviceOf(connectionString: string, maxTries: number): BlobServiceClient {
  try {
    return BlobServiceClient.fromConnectionString(connectionString, {
      retryOptions: { maxTries, retryDelayInMs: 1000, maxRetryDelayInMs: 30_000 },
      userAgentOptions: { userAgentPrefix: 'alidade' },
    })
  } catch {
    // The cause may repeat the text, and with it the key.
    throw new TypeError('the connection string does not name an account of Azure Blob Storage and its key')
  }
}
