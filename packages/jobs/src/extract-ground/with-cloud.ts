// The clouds that a run is given and the region that it is asked for, opened and closed.
import type { PlanRegion } from '@alidade/analysis'
import type { InspectedFile, JobContext } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { type Cloud, closeClouds, crsOfClouds, openCloud } from '../point-clouds/cloud.ts'
import { readExtent } from '../point-clouds/extent.ts'
import { clipFile } from './clip-region.ts'
import { cloudInput } from './inspect.ts'

export interface OpenedCloud {
  cloud: Cloud
  /** Inputs as `inspectClouds` wants them. */
  inputs: Record<string, InspectedFile[]>
  /** Name of the input that says which region. */
  clipInput: string | undefined
  region(): Promise<PlanRegion | undefined>
}

/** `input`: the one that the cloud is of. */
export async function withCloud<T>(
  { inputs, signal }: Pick<JobContext, 'inputs' | 'signal'>,
  work: (opened: OpenedCloud) => Promise<T>,
  input = cloudInput,
): Promise<T> {
  const cloud = await openCloud(input, inputs[input] ?? [], signal)
  let clip: InspectedFile | undefined
  try {
    const file = clipFile(inputs)
    if (file !== undefined) clip = await openInputFile(file.file)
    return await work({
      cloud,
      inputs: { [input]: cloud.files, ...(file !== undefined && { [file.input]: [clip!] }) },
      clipInput: file?.input,
      region: async () => file && (await readExtent(file.input, clip!, crsOfClouds(cloud))),
    })
  } finally {
    await closeClouds([cloud])
    await clip?.source.close()
  }
}
