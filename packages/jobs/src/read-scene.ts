// The ContextScene of an input: its file, and the sections of it that somebody looks at.
import { type ContextScene, FormatError, parseContextScene, type SceneSection } from '@alidade/formats'
import { type InputReader, titleOf } from './input-reader.ts'
import { JobError } from './job-error.ts'
import { sentence } from './point-clouds/format-faults.ts'

/** Versions 5.0 and 6.0, and 3.0 and 4.0. Where a scene is there in both forms, it is the first that counts. */
export const sceneNames = ['ContextScene.json', 'ContextScene.xml'] as const
/** A scene is read whole; these are far beyond any that only refers to clouds, and bound the memory that it takes. */
export const sceneLimits = { mostBytes: 16 * 1024 * 1024, mostValues: 500_000 } as const

export async function readScene<S extends SceneSection>(
  reader: InputReader,
  inputName: string,
  sceneId: string,
  sections: readonly S[],
): Promise<{ scene: Pick<ContextScene, S>; sceneName: string; sizeBytes: number }> {
  const files = await reader.list(sceneId)
  const named = (wanted: string) => files.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const [json, xml] = sceneNames
  const file = named(json) ?? named(xml)
  if (file === undefined)
    throw new JobError('InputData_Missing', [inputName, `${json} or ${xml} in ${titleOf(reader, sceneId)}`])
  if (file.sizeBytes > sceneLimits.mostBytes) {
    throw new JobError('InputData_Invalid', [
      inputName,
      `${file.name}: expected at most ${sceneLimits.mostBytes} bytes, got ${file.sizeBytes}.`,
    ])
  }
  try {
    const bytes = await reader.read(sceneId, file.name)
    const scene = parseContextScene(bytes, { ...sceneLimits, sections })
    return { scene, sceneName: file.name, sizeBytes: file.sizeBytes }
  } catch (error) {
    if (error instanceof FormatError)
      throw new JobError('InputData_Invalid', [inputName, sentence(`${file.name} ${error.message}`)])
    throw error
  }
}
