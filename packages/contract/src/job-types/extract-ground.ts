// The ground among the points of a cloud. v2 has no such type: there it is Segmentation3D with the detector @alidade/ground.
import type { JobTypeDeclaration } from './declaration.ts'
import {
  clipPolygon,
  meshes,
  pointClouds,
  pointCloudSegmentationDetector,
  segmentationCost,
  segmentationOutputs,
} from './segmentation-3d.ts'
import { exportSrs } from './shared-options.ts'

export const extractGround = {
  name: 'extractGround',
  v1: 'extractGround',
  title: 'Extraction of ground',
  purpose: 'Tells the points of the ground from all others.',
  steps: ['Prepare_Production', 'Read_Clouds', 'Find_Ground', 'Write_Results'],
  inputs: {
    pointClouds,
    meshes,
    pointCloudSegmentationDetector: { ...pointCloudSegmentationDetector, localDefault: '@alidade/ground' },
    clipPolygon,
  },
  outputs: segmentationOutputs,
  options: { exportSrs: { ...exportSrs, delivered: true } },
  ...segmentationCost,
} as const satisfies JobTypeDeclaration
