// What it costs to look at a cloud before its tiles are planned.
import type { LasHeader } from '@alidade/formats'
import { measuredCosts } from '../../extract-ground/measured-costs.ts'
import type { PlannedRun } from '../../job-type.ts'
import { headersOf, lazBytes } from '../../point-clouds/reading-work.ts'
import { samplePlaces } from '../../point-clouds/tiles/partition.ts'

/** Looking at the cloud to plan its tiles: of LAZ whole chunks are decoded, on one thread. */
export function samplePart(headers: readonly LasHeader[]) {
  const files = samplePlaces(headers)
  const total = files.reduce((sum, { places }) => sum + places, 0)
  const seconds = files.reduce((sum, { places, points }, file) => {
    const header = headers[file]!
    const { readLas, readLaz, readLazBytes } = measuredCosts
    const secondsEach = header.compressed ? readLaz + readLazBytes * lazBytes(header) : readLas
    return sum + places * Math.min(header.pointCount, points) * secondsEach
  }, 0)
  const secondsEach = total > 0 ? seconds / total : 0
  return { step: 'Prepare_Production', part: 'sample', total, secondsEach } as const
}

/** Of the headers that can be read. */
export async function samplePartOf({ inputs }: Pick<PlannedRun, 'inputs'>) {
  const headers = await headersOf(inputs.pointClouds ?? [])
  return samplePart(headers.filter((header) => header !== undefined))
}
