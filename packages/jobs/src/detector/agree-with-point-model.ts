// Whether what a manifest says of points in and scores out is what the model takes and gives.
import { FormatError, type OnnxModel, type OnnxTensorType } from '@alidade/formats'
import type { DetectorManifestFacts } from './detector.ts'

type Size = number | string

/** FormatError where sizes or elements differ. A model may leave sizes open. Without features there is nothing to compare. */
export function agreeWithPointModel(
  { layout, labels, input }: DetectorManifestFacts,
  { inputs, outputs }: OnnxModel,
): void {
  const { features, arrangement = 'points-features', points } = input
  if (features === undefined) return
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `'${name.slice(0, 40)}'`).join(', ')
    throw new FormatError('Invalid', 'inputs of the model', `expected one tensor of points, got ${names}`)
  }
  const given = checked('input', inputs[0]!, arrangement === 'points-features' ? [2] : [3])
  const isByFeature = arrangement === 'batch-features-points'
  const [taken, numbers] = isByFeature ? given.sizes.toReversed() : given.sizes
  if (differ(numbers, features.length)) {
    throw given.fault(
      `expected ${features.length} numbers of a point, as the manifest lists features, got ${numbers}`,
    )
  }
  if (differ(taken, points))
    throw given.fault(`expected ${points} points, as the manifest says, got ${taken}`)
  const scores = checked('output', outputs[0]!, [2, 3])
  const isByClass = layout === 'scores-of-points'
  const [told, classes] = isByClass ? scores.sizes.toReversed() : scores.sizes
  const fewest = Math.max(...labels.map(({ id }) => id)) + 1
  if (typeof classes === 'number' && classes < fewest)
    throw scores.fault(
      `expected at least ${fewest} classes, as the labels of the manifest say, got ${classes}`,
    )
  if (typeof taken === 'number' && differ(told, taken))
    throw scores.fault(`expected scores of ${taken} points, as many as go in, got ${told}`)
}

/** Its last two sizes; the one before them has to be 1. */
function checked(way: 'input' | 'output', { name, element, shape }: OnnxTensorType, ranks: number[]) {
  const fault = (problem: string) =>
    new FormatError('Invalid', `${way} '${name.slice(0, 80)}' of the model`, problem)
  if (element !== 'float') throw fault(`expected 32-bit floats, got ${element}`)
  // A model need not say anything of what comes out.
  if (way === 'output' && shape.length === 0) return { sizes: ['?', '?'] as [Size, Size], fault }
  if (!ranks.includes(shape.length))
    throw fault(`expected ${ranks.join(' or ')} dimensions, got ${shape.length}`)
  if (shape.length === 3 && differ(shape[0], 1))
    throw fault(`expected 1 as the first of three sizes, got ${shape[0]}`)
  return { sizes: shape.slice(-2) as [Size, Size], fault }
}

function differ(size: Size | undefined, said: number | undefined): boolean {
  return typeof size === 'number' && said !== undefined && size !== said
}
