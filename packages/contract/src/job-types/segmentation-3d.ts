// Classes of points, and objects, lines and polygons in space made of them.
import { notDelivered } from './declaration.ts'
import { computeLineWidth, exportSrs, removeSmallLines, saveConfidence } from './shared-options.ts'
import { lines3D, objects3D, polygons3D, scene } from './vector-outputs.ts'

/** A segmented cloud as one of the formats that v1 exports. */
export function segmentationExport(format: 'POD' | 'LAS' | 'LAZ' | 'PLY') {
  const name = `exportedSegmentation3D${format}`
  return {
    v1: name,
    realityDataType: format === 'POD' ? 'PointCloud' : format,
    rootDocument: `${name}.${format.toLowerCase()}`,
    requires: 'segmentation3D',
    help: `The segmented cloud as ${format}.`,
  }
}

export const segmentedModel3D = {
  v1: 'segmentedPointCloud',
  v2: 'segmentedModel3D',
  realityDataType: 'LAZ',
  rootDocument: 'segmentedPointCloud.laz',
  help: 'The cloud with the class of each point, as LAS or LAZ; the published service writes OPC.',
}

export const segmentation3D = notDelivered({
  name: 'segmentation3D',
  v1: 'segmentation3D',
  v2: 'Segmentation3D',
  title: 'Segmentation of point clouds',
  purpose: 'Gives each point of a cloud a class, and makes objects, lines and polygons of them.',
  inputs: {
    model3D: {
      v1: 'pointClouds',
      v2: 'model3D',
      accepts: ['ContextScene', 'LAS', 'LAZ'],
      required: { unless: ['meshes', 'segmentation3D'] },
      help: 'Point clouds; in v2 also meshes.',
    },
    meshes: { v1: 'meshes', accepts: ['ContextScene'], required: false, help: 'Meshes.' },
    pointCloudSegmentationDetector: {
      v1: 'pointCloudSegmentationDetector',
      v2: 'pointCloudSegmentationDetector',
      kind: 'detector',
      accepts: ['ContextDetector'],
      required: { unless: ['segmentation3D'] },
      help: 'What classifies the points.',
    },
    segmentation3D: {
      v1: 'segmentation3D',
      v2: 'segmentation3D',
      accepts: ['ContextScene'],
      required: false,
      help: 'Classes that are known already, in place of model and detector.',
    },
    clipPolygon: {
      v1: 'clipPolygon',
      accepts: ['GeoJSON'],
      required: false,
      help: 'Region to look at, as a reality data.',
    },
    extent: {
      v2: 'extent',
      kind: 'bucketFile',
      accepts: [],
      required: false,
      help: 'Region to look at, as a file in the bucket.',
    },
  },
  outputs: {
    segmentation3D: {
      v1: 'segmentation3D',
      v2: 'segmentation3D',
      ...scene,
      help: 'Refers to the segmented cloud.',
    },
    segmentedModel3D,
    exportedSegmentation3DPOD: segmentationExport('POD'),
    exportedSegmentation3DLAS: segmentationExport('LAS'),
    exportedSegmentation3DLAZ: segmentationExport('LAZ'),
    exportedSegmentation3DPLY: segmentationExport('PLY'),
    ...objects3D,
    ...lines3D,
    ...polygons3D,
  },
  options: { saveConfidence, exportSrs, computeLineWidth, removeSmallLines },
})
