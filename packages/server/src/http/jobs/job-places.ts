// Where a request of one API version holds the parts of a job: what the targets of its faults are called.
import type { ApiVersion } from '@alidade/contract'

export interface JobPlaces {
  version: ApiVersion
  /** `index` is the place among the inputs or outputs of the job, `name` that of the version. */
  input(index: number, name: string): string
  output(index: number): string
  outputs: string
  option(name: string): string
}

export const v1Places: JobPlaces = {
  version: 'v1',
  input: (index) => `inputs[${index}].id`,
  output: (index) => `outputs[${index}]`,
  outputs: 'outputs',
  option: (name) => `options.${name}`,
}

export const v2Places: JobPlaces = {
  version: 'v2',
  input: (_index, name) => `specifications.inputs.${name}`,
  output: (index) => `specifications.outputs[${index}]`,
  outputs: 'specifications.outputs',
  option: (name) => `specifications.options.${name}`,
}
