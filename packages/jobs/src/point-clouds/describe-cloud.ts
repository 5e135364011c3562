// What the headers of a cloud tell: how many points, where, and in which system.
import type { JobMessage } from '@alidade/contract'
import type { Crs, LasHeader } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InspectedFile } from '../job-type.ts'
import { isForeseen, readAnyHeader } from './any-header.ts'
import { crsOf } from './crs-of.ts'
import { asJobError } from './format-faults.ts'
import { headerDoubts } from './header-doubts.ts'
import { sameCrs } from './same-crs.ts'

export interface Bounds {
  min: readonly number[]
  max: readonly number[]
}

export interface CloudDescription {
  /** Name of the input as messages show it. */
  input: string
  crs: Crs | undefined
  pointCount: number
  headers: LasHeader[]
  /** Undefined where a header does not tell them. */
  bounds: Bounds | undefined
  /** What speaks against headers: of each kind, of the first file that there is any of. */
  doubts: JobMessage[]
}

/**
 * Reads the headers of all files of an input and holds them against each other. JobError for what cannot be read, for a
 * system without plan and height in one unit, for files in different systems, and where there is no point.
 */
export async function describeCloud(
  input: string,
  files: InspectedFile[],
  signal: AbortSignal,
): Promise<CloudDescription> {
  if (files.length === 0) throw new JobError('InputData_Missing', [input, 'any LAS or LAZ file'])
  let crs: Crs | undefined
  let pointCount = 0
  const headers: LasHeader[] = []
  let bounds: Bounds | undefined
  let areBoundsKnown = true
  const doubts = new Map<string, JobMessage>()
  for (const file of files) {
    const { name, sceneCrs } = file
    signal.throwIfAborted()
    const header = await readAnyHeader(file).catch((error: unknown) => {
      throw asJobError(error, input, name)
    })
    const own = crsOf(header, sceneCrs, input)
    if (own?.kind === 'geographic' || own?.kind === 'geocentric') {
      const problem = `${name} is in the ${own.kind} system '${own.name}', whose coordinates are no plan and height in one unit; expected a projected or a local system.`
      throw new JobError('InputData_Invalid', [input, problem])
    }
    if (
      crs !== undefined &&
      own !== undefined &&
      !sameCrs(crs, own, ...middleOf(isForeseen(header) ? { bounds: undefined } : header))
    ) {
      throw new JobError('Crs_Differs', [crs.name, `${own.name} (${name})`])
    }
    crs ??= own
    for (const doubt of headerDoubts(input, file, header))
      if (!doubts.has(doubt.code)) doubts.set(doubt.code, doubt)
    headers.push(header)
    pointCount += header.pointCount
    if (isForeseen(header)) areBoundsKnown = false
    else if (header.pointCount > 0) bounds = union(bounds, header.bounds)
  }
  if (!areBoundsKnown) bounds = undefined
  if (pointCount === 0) throw new JobError('InputData_Empty', [input])
  return { input, crs, pointCount, headers, bounds, doubts: [...doubts.values()] }
}

function union(known: Bounds | undefined, { min, max }: Bounds): Bounds {
  if (known === undefined) return { min, max }
  return {
    min: known.min.map((value, axis) => Math.min(value, min[axis]!)),
    max: known.max.map((value, axis) => Math.max(value, max[axis]!)),
  }
}

/** In plan. */
export function middleOf({ bounds }: { bounds: Bounds | undefined }): [x: number, y: number] {
  if (bounds === undefined) return [0, 0]
  return [(bounds.min[0]! + bounds.max[0]!) / 2, (bounds.min[1]! + bounds.max[1]!) / 2]
}
