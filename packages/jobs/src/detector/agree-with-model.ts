// Whether what a manifest says of the input is what the model takes.
import { FormatError, type OnnxModel } from '@alidade/formats'
import { agreeWithPointModel } from './agree-with-point-model.ts'
import type { DetectorManifestFacts } from './detector.ts'

/** FormatError where the model has fixed sizes and the manifest says others. A model may leave sizes open. */
export function agreeWithModel(facts: DetectorManifestFacts, model: OnnxModel): void {
  const { task, input } = facts
  if (task === 'SemanticSegmentation3D') {
    agreeWithPointModel(facts, model)
    return
  }
  const [image] = model.inputs
  if (image === undefined) return
  const place = `input '${image.name.slice(0, 80)}' of the model`
  const { shape } = image
  if (shape.length !== 4) {
    throw new FormatError('Invalid', place, `expected four dimensions for an image, got ${shape.length}`)
  }
  const { width, height } = input
  if (width === undefined || height === undefined) return
  // Channels first, or last.
  const fits = ([h, w]: (number | string | undefined)[]) =>
    (typeof h !== 'number' || h === height) && (typeof w !== 'number' || w === width)
  if (fits([shape[2], shape[3]]) || fits([shape[1], shape[2]])) return
  throw new FormatError(
    'Invalid',
    place,
    `expected ${width} x ${height} pixels, as the manifest says, got ${shape.join(' x ')}`,
  )
}
