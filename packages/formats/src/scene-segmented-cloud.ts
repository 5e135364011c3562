// The scene of a segmented point cloud: it refers to one file, whose classes are the labels.
import type { Crs } from './crs.ts'
import type { Box3D } from './scene-geometry.ts'
import { sceneDefinition } from './scene-srs.ts'
import type { ContextSceneToWrite } from './write-context-scene.ts'

export interface SegmentedCloud {
  /** Where the file is, as `References` say it: `rds:<guid>`, or a folder. */
  readonly reference: string
  /** Below that, with forward slashes. */
  readonly fileName: string
  readonly crs?: Crs | undefined
  readonly boundingBox?: Box3D | undefined
  /** Names of the classes by the values that points have. */
  readonly labels: Iterable<readonly [classCode: number, name: string]>
}

export function segmentedCloudScene(cloud: SegmentedCloud): ContextSceneToWrite {
  const { reference, fileName, crs, boundingBox, labels } = cloud
  const Path = `0:${fileName}`
  const system = crs && { SRSId: 0 }
  const pointCloud = { Name: fileName, Path, ...(boundingBox && { BoundingBox: boundingBox }) }
  return {
    ...(crs && { SpatialReferenceSystems: new Map([['0', { Definition: sceneDefinition(crs) }]]) }),
    PointCloudCollection: { ...system, PointClouds: new Map([['0', pointCloud]]) },
    Annotations: {
      Labels: new Map(Array.from(labels, ([code, Name]) => [String(code), { Name }])),
      Segmentation3D: { ...system, Path },
    },
    References: new Map([['0', { Path: reference }]]),
  }
}
