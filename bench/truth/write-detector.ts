// A model of point clouds as the files of a detector.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fixture } from './fixture.ts'

type ModelFiles = Exclude<NonNullable<Fixture['detector']>, string>

/** Returns the folder that they are in. */
export async function writeDetector({ manifest, model }: ModelFiles, folder: string): Promise<string> {
  const into = join(folder, 'detector')
  await mkdir(into)
  await writeFile(join(into, 'alidade-detector.json'), JSON.stringify(manifest))
  await writeFile(join(into, 'model.onnx'), model)
  return into
}
