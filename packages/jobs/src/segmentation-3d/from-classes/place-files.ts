// What is known of the place of a given segmentation, for whoever makes vectors of a part of it in another process.
import { type ClassSamples, type SamplesOfClass, SeenGround, type SeenGroundFacts } from '@alidade/analysis'
import type { InputFile, WorkFiles, WorkFolder } from '../../job-type.ts'
import { readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'
import type { ClassPlace, SamplesByClass } from './make-vectors.ts'
import type { VectorClass } from './vector-classes.ts'

/** JSON. */
export interface PlaceFacts extends Pick<ClassPlace, 'unitsPerMetre' | 'origin' | 'lowestVegetation'> {
  classes: [number, VectorClass][]
  spacings: [number, number][]
  ground: SeenGroundFacts
}

/** Names of the shared files: where ground is seen, and samples of classes that are made into vectors as a whole. */
export const seenGroundName = 'seen-ground'
const samplesName = 'samples'

export async function writePlace(shared: WorkFolder, place: ClassPlace): Promise<PlaceFacts> {
  const { unitsPerMetre, origin, lowestVegetation, classes, spacings, seenGround } = place
  await writeColumns(shared.path(seenGroundName), { words: seenGround.words })
  return {
    ...{ unitsPerMetre, origin, lowestVegetation },
    ...{ classes: [...classes], spacings: [...spacings], ground: seenGround.facts },
  }
}

export async function readPlace(
  facts: PlaceFacts,
  files: WorkFiles,
  signal: AbortSignal,
): Promise<ClassPlace> {
  const { classes, spacings, ground, ...place } = facts
  const { words } = await readColumns(files[seenGroundName]!, signal)
  return {
    ...{ ...place, classes: new Map(classes), spacings: new Map(spacings) },
    seenGround: new SeenGround(ground, words as Uint32Array),
  }
}

/** Takes the samples of these classes. */
export async function writeSamples(shared: WorkFolder, samples: ClassSamples, codes: readonly number[]) {
  const counts = codes.map((code) => samples.countOf(code))
  const { points } = samples.take(codes)
  const about = { codes: Uint32Array.from(codes), counts: Uint32Array.from(counts) }
  await writeColumns(shared.path(samplesName), { ...about, ...points })
}

export async function readSamples(files: WorkFiles, signal: AbortSignal): Promise<SamplesByClass> {
  const file: InputFile = files[samplesName]!
  const { codes, counts, ...points } = await readColumns(file, signal)
  const stretches = new Map<number, readonly [from: number, to: number]>()
  let at = 0
  for (const [k, code] of codes!.entries()) {
    stretches.set(code, [at, at + counts![k]!])
    at += counts![k]!
  }
  const column = (axis: 'x' | 'y' | 'z', from: number, to: number) => {
    // Threads take columns that are the whole of their memory.
    const values = new Float64Array(new SharedArrayBuffer(8 * (to - from)))
    values.set(points[axis]!.subarray(from, to))
    return values
  }
  const countOf = (code: number) => {
    const [from, to] = stretches.get(code) ?? [0, 0]
    return to - from
  }
  const take = (wanted: readonly number[]): SamplesOfClass => {
    if (wanted.length > 1) throw new RangeError('expected the samples of one class at a time')
    const [from, to] = stretches.get(wanted[0] ?? -1) ?? [0, 0]
    return {
      points: { x: column('x', from, to), y: column('y', from, to), z: column('z', from, to) },
      confidence: undefined,
    }
  }
  return { countOf, take }
}
