// Detectors with damage at random, the same for the same seed: each is read or refused by a FormatError, and nothing else
// happens.
import { FormatError, memorySource } from '@alidade/formats'
import { expect, test } from 'vitest'
import { defaultDetectorLimits } from './detector.ts'
import { detectorArchive, labelsXml, metadataXml } from './detector.fixture.ts'
import { field, message, node, onnxModel, tensor } from './onnx.fixture.ts'
import { readDetector } from './read-detector.ts'
import { zip } from './zip.fixture.ts'

const seed = 2026
const mutants = 400

const constant = node('Constant', [], ['k'], field(5, message(field(5, tensor('k', [2], new Uint8Array(8))))))
const model = onnxModel({
  nodes: [constant, node('Conv', ['image', 'weight'], ['scores'])],
  metadata: { task: 'segment', names: "{0: 'nothing', 1: 'crack'}", imgsz: '[64, 64]' },
})
const samples = {
  'an archive with a manifest': detectorArchive(),
  'an archive with XML': zip([
    { name: 'metadata.xml', data: metadataXml, stored: true },
    { name: 'labels.xml', data: labelsXml },
    { name: 'model.onnx', data: model, stored: true },
  ]),
  'a model': model,
}

test.each(Object.entries(samples))(
  `${mutants} mutants of %s (seed ${seed}) are read or refused`,
  async (_, sample) => {
    const random = mulberry32(seed)
    const outcomes = { read: 0, refused: 0 }
    for (let i = 0; i < mutants; i++) {
      const file = memorySource(mutated(sample, random))
      const declared = { task: 'SemanticSegmentation2D', labels: ['crack'] } as const
      await readDetector(file, declared, defaultDetectorLimits).then(
        () => outcomes.read++,
        (error: Error) => {
          expect(error, `mutant ${i}: ${error.stack}`).toBeInstanceOf(FormatError)
          outcomes.refused++
        },
      )
    }
    // Both happen, else the damage was too mild or too wild to show anything.
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(mutants / 100)
  },
)

/** One to three bytes changed; of some the end is cut off. */
function mutated(sample: Uint8Array, random: () => number): Uint8Array {
  const copy = new Uint8Array(sample)
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    const at = Math.floor(random() * copy.length)
    copy[at] = [0, 0xff, 0x7f, 0x80][Math.floor(random() * 6)] ?? Math.floor(random() * 256)
  }
  return random() < 0.1 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy
}

/** Numbers from 0 to 1 that look random (public domain). */
function mulberry32(state: number): () => number {
  let at = state
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
