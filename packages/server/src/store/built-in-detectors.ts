// The library with the detectors that are part of the service in it: the same for every tenant, and nobody's to change.
import { createHash } from 'node:crypto'
import { type BuiltInDetector, builtInDetectorNamed, builtInDetectors } from '@alidade/contract'
import type { DetectorRecord, DetectorStore } from './detector-store.ts'

/** What the records of built-in detectors say that made them. */
const maker = 'alidade'

/** A name of a built-in detector is taken: nobody can create a detector of that name. */
export function withBuiltInDetectors(store: DetectorStore): DetectorStore {
  return {
    ...store,
    find: async (org, name) => {
      const builtIn = builtInDetectorNamed(name)
      return builtIn === undefined ? store.find(org, name) : toRecord(builtIn)
    },
    list: async (org) => {
      const others = (await store.list(org)).filter(({ name }) => builtInDetectorNamed(name) === undefined)
      return [...builtInDetectors.map(toRecord), ...others].sort((a, b) =>
        compare(a.name.toLowerCase(), b.name.toLowerCase()),
      )
    },
    create: async (owner, detector, version) =>
      builtInDetectorNamed(detector.name) === undefined ? store.create(owner, detector, version) : undefined,
  }
}

function toRecord(detector: BuiltInDetector): DetectorRecord {
  const { name, type, displayName, description, version, versionId, labels, exports } = detector
  const createdAt = new Date(detector.creationDate)
  return {
    builtIn: true,
    id: versionId,
    org: maker,
    ownerId: maker,
    name,
    type,
    texts: { displayName, description },
    createdAt,
    versions: [
      {
        id: versionId,
        number: version,
        labels: [...labels],
        exports: [...exports],
        creatorId: maker,
        createdAt,
        published: true,
        ready: { attempt: 0, sizeBytes: 0, sha256: hashOf(detector) },
      },
    ],
  }
}

/** There is no file: what it is called and can do stands for it. */
function hashOf({ name, version, labels }: BuiltInDetector): string {
  return createHash('sha256')
    .update(JSON.stringify([name, version, labels]))
    .digest('hex')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
