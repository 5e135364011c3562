// The region of clipPolygon or extent: whichever of the two the version of the API has a name for.
import { type JobMessage, jobErrorMessage } from '@alidade/contract/jobs'
import type { Crs } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InspectedFile } from '../job-type.ts'
import type { Bounds } from '../point-clouds/describe-cloud.ts'
import { meets, readExtent } from '../point-clouds/extent.ts'

/** The file that says which region is meant, and the name of its input. */
export function clipFile<T>(
  inputs: Record<string, T[]>,
): { input: 'clipPolygon' | 'extent'; file: T } | undefined {
  for (const input of ['clipPolygon', 'extent'] as const) {
    const file = inputs[input]?.[0]
    if (file !== undefined) return { input, file }
  }
  return undefined
}

export async function clipProblem(
  { input, file }: { input: string; file: InspectedFile },
  crs: Crs | undefined,
  cloud: Bounds | undefined,
): Promise<JobMessage | undefined> {
  try {
    const region = await readExtent(input, file, crs)
    if (cloud === undefined || meets(region, cloud)) return undefined
    return jobErrorMessage(
      'InputData_Invalid',
      input,
      `the region in ${file.name} lies beside the point clouds.`,
    )
  } catch (error) {
    if (error instanceof JobError) return error.jobMessage
    throw error
  }
}
