// The ground among the points of a cloud. v2 has no such type.
import { notDelivered } from './declaration.ts'
import { segmentationExport, segmentedModel3D } from './segmentation-3d.ts'
import { exportSrs } from './shared-options.ts'
import { scene } from './vector-outputs.ts'

const { v2: _, ...segmentedPointCloud } = segmentedModel3D

export const extractGround = notDelivered({
  name: 'extractGround',
  v1: 'extractGround',
  title: 'Extraction of ground',
  purpose: 'Tells the points of the ground from all others.',
  inputs: {
    pointClouds: {
      v1: 'pointClouds',
      accepts: ['ContextScene', 'LAS', 'LAZ'],
      required: { unless: ['meshes'] },
      help: 'Point clouds.',
    },
    meshes: { v1: 'meshes', accepts: ['ContextScene'], required: false, help: 'Meshes.' },
    pointCloudSegmentationDetector: {
      v1: 'pointCloudSegmentationDetector',
      kind: 'detector',
      accepts: ['ContextDetector'],
      required: true,
      help: 'What classifies the points.',
    },
    clipPolygon: { v1: 'clipPolygon', accepts: ['GeoJSON'], required: false, help: 'Region to look at.' },
  },
  outputs: {
    segmentation3D: { v1: 'segmentation3D', ...scene, help: 'Refers to the segmented cloud.' },
    segmentedPointCloud,
    exportedSegmentation3DPOD: segmentationExport('POD'),
    exportedSegmentation3DLAS: segmentationExport('LAS'),
    exportedSegmentation3DLAZ: segmentationExport('LAZ'),
  },
  options: { exportSrs },
})
