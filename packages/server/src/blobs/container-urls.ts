/** Container URLs that storage SDKs understand: of our own blob routes, or of the account that holds the blobs. */
import type { ContainerKey } from './blob-store.ts'
import { signContainer } from './shared-access-signature.ts'

export type ContainerAccessKind = 'Read' | 'Write'

/** As in Azure: read, add, create, write, delete, list. */
export const containerPermissions = { Read: 'rl', Write: 'racwdl' } as const

export interface ContainerUrls {
  /** Good for an hour: clients renew after 50 minutes. */
  signedUrl(container: ContainerKey, access: ContainerAccessKind): Promise<string>
}

export interface OwnContainerUrlsOptions {
  /** The first of them signs. */
  readonly sasKeys: readonly Uint8Array[]
  /** Where clients reach the service, without a slash at the end. */
  readonly publicUrl: () => string
  readonly now: () => Date
}

/** URLs of our blob routes, which know themselves which attempt counts. */
export function ownContainerUrls({ sasKeys, publicUrl, now }: OwnContainerUrlsOptions): ContainerUrls {
  return {
    signedUrl: async ({ id }, access) => {
      const permissions = containerPermissions[access]
      const sas = signContainer(sasKeys, { containerId: id, permissions, now: now() })
      return `${publicUrl()}/alidade-blobs/${id}?${sas}`
    },
  }
}
