// segmentation3D: a ContextScene 6.0 that refers to the segmented cloud, and says what its classes are.
import { writeFile } from 'node:fs/promises'
import { groundClass, restClass } from '@alidade/analysis'
import { type SceneLabel, sceneDefinition, writeContextScene } from '@alidade/formats'
import type { JobContext, OutputFolder } from '../job-type.ts'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'
import { homeOfCloud, isReprojected, segmentedFiles } from './segmented-files.ts'
import type { Step } from './step-costs.ts'

/** What points of a class are, and what is made of them. */
export type ClassLabel = readonly [classCode: number, name: string, feeds?: ClassFeeds]
export type ClassFeeds = Pick<SceneLabel, 'Line' | 'Contour' | 'Object'>

const groundLabels: readonly ClassLabel[] = [
  [restClass, 'unclassified'],
  [groundClass, 'ground'],
]

/** Counted in a part of its own. */
export async function writeSceneIfAsked(
  cloud: Cloud,
  { outputs, options, progress }: Pick<JobContext<Step>, 'outputs' | 'options' | 'progress'>,
  labels: readonly ClassLabel[] = groundLabels,
): Promise<void> {
  if (outputs.segmentation3D === undefined) return
  const writing = progress.begin('Write_Results', { part: 'scene', total: 1, unit: 'scenes' })
  await writeScene(cloud, outputs, { areExportsElsewhere: isReprojected(options), labels })
  writing.advance(1)
}

async function writeScene(
  cloud: Cloud,
  outputs: Record<string, OutputFolder>,
  { areExportsElsewhere, labels }: { areExportsElsewhere: boolean; labels: readonly ClassLabel[] },
): Promise<void> {
  const scene = outputs.segmentation3D
  if (scene === undefined) return
  const wanted = {
    outputs: Object.keys(outputs),
    isReprojected: areExportsElsewhere,
    outputName: (output: string) => outputs[output]!.name,
  }
  const home = homeOfCloud(wanted)!
  const inputs = cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] }))
  const names = segmentedFiles(inputs, wanted).map(([first]) => first!.name)
  const isElsewhere = home !== 'segmentation3D'
  const paths = names.map((name) => (isElsewhere ? `0:${name}` : name))
  const crs = crsOfClouds(cloud)
  const system = crs && { SRSId: 0 }
  const text = writeContextScene({
    ...(crs && { SpatialReferenceSystems: new Map([['0', { Definition: sceneDefinition(crs) }]]) }),
    PointCloudCollection: {
      ...system,
      PointClouds: new Map(paths.map((Path, i) => [String(i), { Name: cloud.files[i]!.name, Path }])),
    },
    Annotations: {
      Labels: new Map(labels.map(([code, Name, feeds]) => [String(code), { Name, ...feeds }])),
      Segmentation3D: { ...system, Path: paths[0]! },
    },
    ...(isElsewhere && { References: new Map([['0', { Path: outputs[home]!.reference }]]) }),
  })
  await writeFile(scene.path('ContextScene.json'), text)
}
