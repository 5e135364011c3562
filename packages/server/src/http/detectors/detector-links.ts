// Where the file of a version is written and read: URLs signed for this one blob.
import { signContainer } from '../../blobs/shared-access-signature.ts'
import type { DetectorRecord, DetectorVersionRecord } from '../../store/detector-store.ts'

export interface LinkOptions {
  sasKeys: readonly Uint8Array[]
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  now: () => Date
}

/** What the file is called in its container, be it an archive or a model. */
export function fileNameOf({ name }: Pick<DetectorRecord, 'name'>, number: string): string {
  return `${name}-${number}.zip`
}

export function uploadLinks(detector: DetectorRecord, version: DetectorVersionRecord, options: LinkOptions) {
  const name = encodeURIComponent(detector.name)
  return {
    completeUrl: { href: `detectors/${name}/version/${version.number}/complete` },
    uploadUrl: { href: blobUrl(detector, version, 'w', options) },
  }
}

export function downloadUrl(
  detector: DetectorRecord,
  version: DetectorVersionRecord,
  options: LinkOptions,
): string {
  return blobUrl(detector, version, 'r', options)
}

function blobUrl(
  detector: DetectorRecord,
  { id, number }: DetectorVersionRecord,
  permissions: 'r' | 'w',
  { sasKeys, publicUrl, now }: LinkOptions,
): string {
  const blobName = fileNameOf(detector, number)
  const sas = signContainer(sasKeys, { containerId: id, blobName, permissions, now: now() })
  const path = blobName.split('/').map(encodeURIComponent).join('/')
  return `${publicUrl()}/alidade-blobs/${id}/${path}?${sas}`
}
