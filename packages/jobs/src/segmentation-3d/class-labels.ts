// What the classes of @alidade/als-basic are called.
import { segmentClass } from '@alidade/analysis'
import type { ClassLabel } from '../extract-ground/write-scene.ts'

export const classLabels: readonly ClassLabel[] = [
  [segmentClass.rest, 'unclassified'],
  [segmentClass.ground, 'ground'],
  [segmentClass.mediumVegetation, 'medium vegetation'],
  [segmentClass.highVegetation, 'high vegetation', { Object: true }],
  [segmentClass.building, 'building', { Contour: true, Object: true }],
  [segmentClass.wire, 'wire', { Line: true }],
  [segmentClass.pole, 'pole', { Object: true }],
]

export function nameOfClass(code: number): string {
  return classLabels.find(([one]) => one === code)?.[1] ?? `class ${code}`
}
