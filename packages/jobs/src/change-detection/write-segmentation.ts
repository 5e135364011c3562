// segmentation3DA/B: a scene that refers to the segmented cloud of an epoch and says what the numbers in it stand for.
import { writeFile } from 'node:fs/promises'
import { writeContextScene } from '@alidade/formats'
import type { OutputFolder } from '../job-type.ts'
import { type FoundChanges, sceneSystems } from './found-change.ts'
import { largestChangeNumber } from './write-segmented.ts'

/** The folder of the scene itself, as a path in it. */
const besideTheScene = '.'

/**
 * `files`: names in `cloud`, which may be the folder of the scene. One cloud is the segmentation; of several, their folder
 * is. The labels are by the numbers in the column `change`, 0 is what did not change.
 */
export async function writeSegmentation(
  scene: OutputFolder,
  { cloud, files, found }: { cloud: OutputFolder; files: readonly string[]; found: FoundChanges },
): Promise<void> {
  const systems = sceneSystems(found)
  const isBeside = cloud === scene
  const place = (file: string) => (isBeside ? file || besideTheScene : `0:${file}`)
  const numbered = found.changes.slice(0, largestChangeNumber)
  const text = writeContextScene({
    ...systems.collection,
    PointCloudCollection: {
      ...systems.srs,
      PointClouds: new Map(files.map((file, i) => [String(i), { Name: file, Path: place(file) }])),
    },
    Annotations: {
      Labels: new Map([
        ['0', { Name: 'unchanged' }],
        ...numbered.map(({ id, kind }): [string, { Name: string }] => [String(id), { Name: kind }]),
      ]),
      Segmentation3D: { ...systems.srs, Path: place(files.length === 1 ? files[0]! : '') },
    },
    ...(!isBeside && { References: new Map([['0', { Path: cloud.reference }]]) }),
  })
  await writeFile(scene.path('ContextScene.json'), text)
}
