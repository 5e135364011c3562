// A detector as v1 and v2 show it. What is not known is left out: clients refuse nulls.
import type { Detector, DetectorMinimal, DetectorV1, DetectorVersion } from '@alidade/contract'
import type { DetectorRecord, DetectorVersionRecord } from '../../store/detector-store.ts'
import { downloadUrl, type LinkOptions } from './detector-links.ts'
import { latestReady } from './find-detector.ts'

export function toV1Detector({ name, type, texts, versions }: DetectorRecord): DetectorV1 {
  const { displayName, description = '', documentationUrl = '' } = texts
  return {
    name,
    ...(displayName !== undefined && { displayName }),
    description,
    type,
    documentationUrl,
    versions: versions.map((version) => ({
      creationDate: wireDate(version.createdAt),
      version: version.number,
      status: statusOf(version),
      creatorId: version.creatorId,
      capabilities: capabilitiesOf(version),
    })),
  }
}

export function toV2Detector(detector: DetectorRecord, links: LinkOptions): Detector {
  return {
    ...about(detector),
    versions: detector.versions.map((version) => toV2Version(detector, version, links)),
  }
}

export function toV2Version(
  detector: DetectorRecord,
  version: DetectorVersionRecord,
  links: LinkOptions,
): DetectorVersion {
  return {
    versionNumber: version.number,
    capabilities: capabilitiesOf(version),
    creationDate: wireDate(version.createdAt),
    status: statusOf(version),
    creatorId: version.creatorId,
    ...(version.ready !== undefined &&
      !detector.builtIn && { downloadUrl: downloadUrl(detector, version, links) }),
  }
}

export function toMinimalDetector(detector: DetectorRecord): DetectorMinimal {
  const latest = latestReady(detector)
  return { ...about(detector), ...(latest !== undefined && { latestVersion: latest.number }) }
}

function about({ name, type, texts: { displayName, description, documentationUrl } }: DetectorRecord) {
  return {
    name,
    type,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(documentationUrl !== undefined && { documentationUrl }),
  }
}

function capabilitiesOf({ labels, exports }: DetectorVersionRecord) {
  return { labels, exports }
}

function statusOf({ ready }: DetectorVersionRecord) {
  return ready === undefined ? 'AwaitingData' : 'Ready'
}

/** ISO 8601, UTC, whole seconds: `2026-03-30T15:14:55Z`. */
function wireDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
