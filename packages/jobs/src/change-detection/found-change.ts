// A change as every output tells it.
import { createHash } from 'node:crypto'
import { type Change, valueInOrder } from '@alidade/analysis'
import { type Crs, sceneDefinition } from '@alidade/formats'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'

export interface FoundChanges {
  changes: Change[]
  /** Where evidence begins to count. */
  low: number
  a: Cloud
  b: Cloud
  /** Of every point, as `findChanges` tells it. */
  evidenceA: Float32Array
  evidenceB: Float32Array
  /** Likewise of what was recoloured, where that was asked for. */
  byColour?: Evidence | undefined
}

interface Evidence {
  low: number
  evidenceA: Float32Array
  evidenceB: Float32Array
}

export const labels = { appeared: 1, disappeared: 2, recoloured: 3 } as const

/** GUID made of what the change is, so that the same inputs give the same bytes in every output. */
export function changeGuid({ kind, box, pointCount }: Change): string {
  const facts = [kind, pointCount, ...[...box.center, ...box.size].map((value) => value.toFixed(3))]
  const hex = createHash('sha256').update(facts.join(' ')).digest('hex')
  // Version 8 of RFC 9562 (section 5.8): bits of our own choice.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * 0 to 1: 1 - low / e, where e is the evidence that nine of ten of its points do not pass. A change hardly beyond the
 * threshold has almost none, one five times beyond it 0.8.
 */
export function confidenceOf(
  { kind, indicesA, indicesB }: Change,
  found: Evidence & Pick<FoundChanges, 'byColour'>,
): number {
  const { low, evidenceA, evidenceB } = kind === 'recoloured' ? found.byColour! : found
  const values = new Float32Array(indicesA.length + indicesB.length)
  indicesA.forEach((index, i) => {
    values[i] = evidenceA[index]!
  })
  indicesB.forEach((index, i) => {
    values[indicesA.length + i] = evidenceB[index]!
  })
  const ninth = valueInOrder(values, Math.floor(0.9 * (values.length - 1))) ?? low
  return Math.round(1000 * Math.min(1, Math.max(0, 1 - low / ninth))) / 1000
}

/** The system both surveys are in, if either says. */
export function commonCrs({ a, b }: Pick<FoundChanges, 'a' | 'b'>): Crs | undefined {
  return crsOfClouds(a, b)
}

/** How a scene states that system: its collection of systems, and the key of what is in it. Both empty where none is known. */
export function sceneSystems(found: Pick<FoundChanges, 'a' | 'b'>): {
  collection: { SpatialReferenceSystems?: ReadonlyMap<string, { Definition: string }> }
  srs: { SRSId?: number }
} {
  const crs = commonCrs(found)
  if (crs === undefined) return { collection: {}, srs: {} }
  const systems = new Map([['0', { Definition: sceneDefinition(crs) }]])
  return { collection: { SpatialReferenceSystems: systems }, srs: { SRSId: 0 } }
}
