// Detectors that are part of this service: in the library of every tenant, and nobody's to change. They are analyses of our own and
// no files, so there is nothing to download.
import type { DetectorExport, DetectorType } from './detectors.ts'

export interface BuiltInDetector {
  name: `@alidade/${string}`
  type: DetectorType
  displayName: string
  description: string
  /** Raised with every change of what it finds. */
  version: string
  labels: readonly string[]
  exports: readonly DetectorExport[]
  /** Of this version. */
  creationDate: string
  /** Of the version: where others have a container, nothing is. */
  versionId: string
}

export const groundDetector = {
  name: '@alidade/ground',
  type: 'PointCloudSegmentationDetector',
  displayName: 'Ground',
  description:
    'Tells the ground from everything on it, by the places of the points alone. Classes are those of LAS: 2 ground, 1 unclassified.',
  version: '1.0',
  labels: ['unclassified', 'ground'],
  exports: [],
  creationDate: '2026-11-26T00:00:00Z',
  versionId: 'a11dade0-0000-4000-8000-000000000101',
} as const satisfies BuiltInDetector

export const alsBasicDetector = {
  name: '@alidade/als-basic',
  type: 'PointCloudSegmentationDetector',
  displayName: 'Airborne laser scanning, basic',
  description:
    'Tells ground, vegetation, buildings, wires and poles of an airborne scan, by the places of the points alone. Classes are those of LAS.',
  version: '1.0',
  labels: ['unclassified', 'ground', 'medium vegetation', 'high vegetation', 'building', 'wire', 'pole'],
  exports: ['Objects', 'Lines', 'Polygons', 'Locations'],
  creationDate: '2026-11-26T00:00:00Z',
  versionId: 'a11dade0-0000-4000-8000-000000000201',
} as const satisfies BuiltInDetector

export const builtInDetectors: readonly BuiltInDetector[] = [groundDetector, alsBasicDetector]

/** Letter case does not tell names apart. */
export function builtInDetectorNamed(name: string): BuiltInDetector | undefined {
  return builtInDetectors.find((one) => one.name === name.toLowerCase())
}
