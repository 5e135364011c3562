import type { Crs } from './crs.ts'
import type { LasVlr } from './las-vlr.ts'
export function crsFromVlrs(_vlrs: readonly LasVlr[], _preferWkt: boolean): Crs | undefined {
  return undefined
}
