// All job types, and the two ways to name them: by version (case decides) and by internal name.
import { changeDetection } from './change-detection.ts'
import type { ApiVersion, JobTypeDeclaration } from './declaration.ts'

export const jobTypes = { changeDetection } as const satisfies Record<string, JobTypeDeclaration>
export type JobTypeName = keyof typeof jobTypes

/** Job types that the published API names and this service does not deliver yet. */
export const undeliveredTypes: Record<ApiVersion, readonly string[]> = {
  v1: ['objects2D', 'segmentation2D', 'segmentationOrthophoto', 'segmentation3D', 'extractGround'],
  v2: [
    'Objects2D',
    'Segmentation2D',
    'SegmentationOrthophoto',
    'Segmentation3D',
    'EvalO2D',
    'EvalO3D',
    'EvalS2D',
    'EvalS3D',
    'EvalSOrtho',
    'TrainingS3D',
  ],
}

/** The declaration behind a name of one API version; `undefined` for any other name. */
export function jobTypeNamed(version: ApiVersion, name: string): JobTypeDeclaration | undefined {
  return Object.values<JobTypeDeclaration>(jobTypes).find((type) => type[version] === name)
}

/** The entry of `declarations` that `version` calls `name`, with its internal name. */
export function entryNamed<T extends { v1?: string; v2?: string }>(
  declarations: Record<string, T>,
  version: ApiVersion,
  name: string,
): [internalName: string, declaration: T] | undefined {
  return Object.entries(declarations).find(([, declaration]) => declaration[version] === name)
}
