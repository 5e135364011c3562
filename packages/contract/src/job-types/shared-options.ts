// Options that several job types have.
import type { OptionDeclaration } from './declaration.ts'

type Option = Omit<OptionDeclaration, 'delivered'>

export const exportSrs = {
  v1: 'exportSrs',
  type: 'string',
  default: { derived: 'that of the inputs' },
  help: 'Coordinate reference system of the exports: EPSG:<code> or WKT.',
} as const satisfies Option

export const minPhotos = {
  v1: 'minPhotos',
  v2: 'minPhotos',
  type: 'integer',
  minimum: 1,
  default: 2,
  unit: 'photos',
  help: 'Fewest photos that have to agree before something in space is made of what they show.',
} as const satisfies Option

export const computeLineWidth = {
  v1: 'computeLineWidth',
  v2: 'computeLineWidth',
  type: 'boolean',
  default: false,
  help: 'Estimates the width of a line at each of its vertices.',
} as const satisfies Option

export const removeSmallLines = {
  v1: 'removeSmallComponents',
  v2: 'removeSmallLines',
  type: 'number',
  minimum: 0,
  default: 0,
  unit: 'linear unit of the input',
  help: 'Lines whose total length is less than this are dropped.',
} as const satisfies Option

export const saveConfidence = {
  v1: 'saveConfidence',
  v2: 'saveConfidence',
  type: 'boolean',
  default: false,
  help: 'Keeps the confidence of each point beside its class.',
} as const satisfies Option
