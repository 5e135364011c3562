// All job types of both API versions, and the two ways to name them: by version (case decides) and by internal name.
import { changeDetection } from './change-detection.ts'
import type { ApiVersion, DeclaredJobType, JobTypeDeclaration } from './declaration.ts'
import { evalO2D } from './eval-o2d.ts'
import { evalO3D } from './eval-o3d.ts'
import { evalS2D } from './eval-s2d.ts'
import { evalS3D } from './eval-s3d.ts'
import { evalSOrtho } from './eval-s-ortho.ts'
import { extractGround } from './extract-ground.ts'
import { objects2D } from './objects-2d.ts'
import { segmentation2D } from './segmentation-2d.ts'
import { segmentation3D } from './segmentation-3d.ts'
import { segmentationOrthophoto } from './segmentation-orthophoto.ts'
import { trainingS3D } from './training-s3d.ts'

/** Those that this service delivers. */
export const jobTypes = { changeDetection, extractGround, segmentation3D } as const satisfies Record<
  string,
  JobTypeDeclaration
>
export type JobTypeName = keyof typeof jobTypes

/** Every job type that the published API names, in the order in which the documents show them. */
export const declaredJobTypes: readonly DeclaredJobType[] = [
  objects2D,
  segmentation2D,
  segmentationOrthophoto,
  segmentation3D,
  extractGround,
  changeDetection,
  evalO2D,
  evalO3D,
  evalS2D,
  evalS3D,
  evalSOrtho,
  trainingS3D,
]

export function isDelivered(type: DeclaredJobType): type is JobTypeDeclaration {
  return type.name in jobTypes
}

/** The delivered type behind a name of one API version; `undefined` for any other name. */
export function jobTypeNamed(version: ApiVersion, name: string): JobTypeDeclaration | undefined {
  return Object.values<JobTypeDeclaration>(jobTypes).find((type) => type[version] === name)
}

/** Whether a version of the published API has a type of this name that is not delivered. */
export function isUndelivered(version: ApiVersion, name: string): boolean {
  return declaredJobTypes.some((type) => type[version] === name && !isDelivered(type))
}

/** The entry of `declarations` that `version` calls `name`, with its internal name. */
export function entryNamed<T extends { v1?: string; v2?: string }>(
  declarations: Record<string, T>,
  version: ApiVersion,
  name: string,
): [internalName: string, declaration: T] | undefined {
  return Object.entries(declarations).find(([, declaration]) => declaration[version] === name)
}

/** The parts of a job by internal name. */
export interface JobParts {
  type: JobTypeName
  inputs: readonly string[]
  outputs: readonly string[]
  options: readonly string[]
}

/**
 * The API versions that can show a job: those that have a name for its type and for everything it was given. One that
 * lacks a name for any of it does not show the job at all.
 */
export function versionsThatShow({ type, ...parts }: JobParts): ApiVersion[] {
  const declaration: JobTypeDeclaration = jobTypes[type]
  return (['v1', 'v2'] as const).filter(
    (version) =>
      declaration[version] !== undefined &&
      (['inputs', 'outputs', 'options'] as const).every((kind) =>
        parts[kind].every((name) => {
          const entry: { v1?: string; v2?: string; header?: string } | undefined = declaration[kind][name]
          return entry?.[version] !== undefined || entry?.header !== undefined
        }),
      ),
  )
}
