// The labels of a scene with a given segmentation, whose numbers are the classes of its points.
import { FormatError, parseContextScene } from '@alidade/formats'
import { sceneLimits } from '../../read-scene.ts'
import { JobError } from '../../job-error.ts'
import type { InputFile, InspectedFile } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'
import type { LabelOfClass } from './vector-classes.ts'

export const segmentationInput = 'segmentation3D'

/** JobError `InputData_Invalid` for a file that is no scene. */
export async function labelsOfScene({ name, source }: InspectedFile): Promise<LabelOfClass[]> {
  const { mostBytes } = sceneLimits
  try {
    const bytes = await source.read(0, Math.min(source.sizeBytes, mostBytes))
    const { Annotations } = parseContextScene(bytes, { ...sceneLimits, sections: ['Annotations'] })
    return [...(Annotations?.Labels ?? [])].map(
      ([code, { Name, Object: object, Contour: contour, Line: line }]) => ({
        ...{ code: Number(code), name: Name, object, contour, line },
      }),
    )
  } catch (error) {
    if (error instanceof FormatError)
      throw new JobError('InputData_Invalid', [segmentationInput, `${name} ${error.message}.`], {
        cause: error,
      })
    throw error
  }
}

/** The same of a file that is not open. */
export async function labelsOfSceneFile(file: InputFile): Promise<LabelOfClass[]> {
  const opened = await openInputFile(file)
  try {
    return await labelsOfScene(opened)
  } finally {
    await opened.source.close()
  }
}
