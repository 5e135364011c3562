// What the five types that judge a prediction by a reference have in common. v1 knows none of them.
import { type DeclaredJobType, notDelivered, type OutputDeclaration } from './declaration.ts'

const reference = {
  v2: 'reference',
  accepts: ['ContextScene'],
  required: true,
  help: 'What is true, as a scene.',
} as const
const prediction = {
  v2: 'prediction',
  accepts: ['ContextScene'],
  required: true,
  help: 'What was predicted, as a scene.',
} as const

export const thresholdIOU = {
  v2: 'thresholdIOU',
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: 0.5,
  help: 'Share of the union of two boxes that their intersection has to be for them to be the same object.',
} as const

export function evaluation({
  outputs,
  options = {},
  ...names
}: Pick<DeclaredJobType, 'name' | 'v2' | 'title' | 'purpose'> & {
  outputs: Record<string, Omit<OutputDeclaration, 'delivered'>>
  options?: { thresholdIOU?: typeof thresholdIOU }
}): DeclaredJobType {
  const report = {
    v2: 'report',
    realityDataType: 'JSON',
    bucketFile: true,
    help: 'The figures as a JSON file in the bucket.',
  } as const
  return notDelivered({
    ...names,
    inputs: { reference, prediction },
    outputs: { report, ...outputs },
    options,
  })
}
