// What else is known of a file that speaks against its header: nothing that a run would have to end for.
import { type JobMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { type Crs, crsFromDefinition, FormatError, type LasHeader } from '@alidade/formats'
import type { InspectedFile } from '../job-type.ts'
import { isForeseen } from './any-header.ts'
import { sameCrs } from './same-crs.ts'

/** `input` is the name that messages show. */
export function headerDoubts(input: string, file: InspectedFile, header: LasHeader): JobMessage[] {
  if (isForeseen(header)) return contradictedCrs(input, file, header, [0, 0])
  const { min, max } = header.bounds
  const middle = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2] as const
  return [...contradictedCrs(input, file, header, middle), ...uncountedPoints(input, file, header)]
}

function contradictedCrs(
  input: string,
  { name, sceneCrs }: InspectedFile,
  { crs }: LasHeader,
  place: readonly [x: number, y: number],
): JobMessage[] {
  if (sceneCrs === undefined || crs === undefined) return []
  const stated = definedBy(sceneCrs)
  if (stated !== undefined && sameCrs(stated, crs, ...place)) return []
  const ofScene = (stated?.name ?? sceneCrs).slice(0, 80)
  return [jobWarningMessage('Crs_Contradicted', ofScene, name, input, crs.name)]
}

function definedBy(definition: string): Crs | undefined {
  try {
    return crsFromDefinition(definition)
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** An EVLR begins with 60 bytes before its data (LAS 1.4 R15, table 9). */
const evlrHeaderBytes = 60

/** Programs that are interrupted while they write leave a count that is too small. */
function uncountedPoints(
  input: string,
  { name, source }: InspectedFile,
  { compressed, pointCount, pointRecordLength, pointDataOffset, vlrs }: LasHeader,
): JobMessage[] {
  if (compressed) return []
  const behind = vlrs
    .map(({ dataOffset }) => dataOffset - evlrHeaderBytes)
    .filter((at) => at >= pointDataOffset)
  const end = Math.min(source.sizeBytes, ...behind)
  const room = Math.floor((end - pointDataOffset) / pointRecordLength) - pointCount
  if (room <= 0) return []
  return [jobWarningMessage('Points_Uncounted', name, input, String(pointCount), String(room))]
}
