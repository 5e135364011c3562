// segmentation3D: a ContextScene 6.0 that refers to the segmented cloud, and says what its classes are.
import { writeFile } from 'node:fs/promises'
import { groundClass, restClass } from '@alidade/analysis'
import { writeContextScene } from '@alidade/formats'
import type { OutputFolder } from '../job-type.ts'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'
import { homeOfCloud, segmentedFiles } from './segmented-files.ts'

export async function writeScene(cloud: Cloud, outputs: Record<string, OutputFolder>): Promise<void> {
  const scene = outputs.segmentation3D
  if (scene === undefined) return
  const home = homeOfCloud(Object.keys(outputs))!
  const inputs = cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] }))
  const names = segmentedFiles(inputs, [home], (output) => outputs[output]!.name).map(([file]) => file!.name)
  const isElsewhere = home !== 'segmentation3D'
  const paths = names.map((name) => (isElsewhere ? `0:${name}` : name))
  const crs = crsOfClouds(cloud)
  const definition = crs && (crs.epsg !== undefined ? `EPSG:${crs.epsg}` : (crs.wkt ?? crs.name))
  const system = definition === undefined ? {} : { SRSId: 0 }
  const text = writeContextScene({
    ...(definition !== undefined && {
      SpatialReferenceSystems: new Map([['0', { Definition: definition }]]),
    }),
    PointCloudCollection: {
      ...system,
      PointClouds: new Map(paths.map((Path, i) => [String(i), { Name: cloud.files[i]!.name, Path }])),
    },
    Annotations: {
      Labels: new Map([
        [String(restClass), { Name: 'unclassified' }],
        [String(groundClass), { Name: 'ground' }],
      ]),
      Segmentation3D: { ...system, Path: paths[0]! },
    },
    ...(isElsewhere && { References: new Map([['0', { Path: outputs[home]!.reference }]]) }),
  })
  await writeFile(scene.path('ContextScene.json'), text)
}
