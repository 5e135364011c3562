// The port to the library of detectors. Their files are in the blob store, each version in a container of its own.
import type { DetectorExport, DetectorType } from '@alidade/contract'
import type { DetectorDescription } from '@alidade/jobs'
import type { ContainerKey } from '../blobs/blob-store.ts'

export interface DetectorTexts {
  displayName?: string | undefined
  description?: string | undefined
  documentationUrl?: string | undefined
}

export interface NewDetector {
  name: string
  type: DetectorType
  texts: DetectorTexts
}

export interface NewDetectorVersion {
  /** `major.minor`. */
  number: string
  labels: string[]
  exports: DetectorExport[]
}

export interface DetectorVersionRecord extends NewDetectorVersion {
  id: string
  creatorId: string
  createdAt: Date
  published: boolean
  /** Undefined: it awaits its file. */
  ready: ReadyVersion | undefined
}

export interface ReadyVersion {
  /** Of the container that holds the file, where no client writes. */
  attempt: number
  sizeBytes: number
  /** Of the file as it was uploaded, in hexadecimal digits. */
  sha256: string
}

export interface DetectorRecord extends NewDetector {
  /** Part of the service: no file is behind its versions, and nobody changes it. */
  builtIn?: true
  id: string
  org: string
  ownerId: string
  createdAt: Date
  /** Those that the tenant who asked can see, the lowest number first. */
  versions: DetectorVersionRecord[]
}

export interface DetectorOwner {
  org: string
  userId: string
}

/** `used`: an active job uses it, so it was not deleted. Undefined: it is not there. */
export type DetectorDeletion = { versionIds: string[] } | 'used' | undefined

/**
 * A tenant sees its own detectors, and the published versions of others unless it has a detector of that name itself.
 * Letter case does not tell names apart.
 */
export interface DetectorStore {
  find(org: string, name: string): Promise<DetectorRecord | undefined>
  /** By name. */
  list(org: string): Promise<DetectorRecord[]>
  /** With a first version, if one is given. Undefined: the tenant has one of that name. */
  create(
    owner: DetectorOwner,
    detector: NewDetector,
    version?: NewDetectorVersion,
  ): Promise<DetectorRecord | undefined>
  /** Undefined: there is one of that number, or the detector is gone. */
  addVersion(
    creator: DetectorOwner,
    detectorId: string,
    version: NewDetectorVersion,
  ): Promise<DetectorVersionRecord | undefined>
  /** Sets the texts that are not undefined. False: it is gone. */
  setTexts(org: string, detectorId: string, texts: DetectorTexts): Promise<boolean>
  /** The caller deletes the containers afterwards. */
  delete(org: string, detectorId: string): Promise<DetectorDeletion>
  deleteVersion(org: string, versionId: string): Promise<DetectorDeletion>
  /** The number of a container into which to take what was uploaded. Undefined: it is ready, or gone. */
  nextAttempt(versionId: string): Promise<number | undefined>
  /** Once and for all: false where another attempt was first, or the version is gone. */
  complete(versionId: string, ready: ReadyVersion, description: DetectorDescription): Promise<boolean>
  /** What was found in the file of a version that is ready; any tenant. */
  describe(versionId: string): Promise<DetectorDescription | undefined>
  /** How many detectors and versions the tenant has, together. */
  count(org: string): Promise<number>
  /** False: another tenant has published a detector of that name. Asked for a version that is ready. */
  setPublished(org: string, versionId: string, published: boolean): Promise<boolean>
  /** The container that a URL with this version id means, and whether clients may write into it; any tenant. */
  resolveContainer(id: string): Promise<{ container: ContainerKey; writable: boolean } | undefined>
}
