// Classes of points, and objects, lines and polygons in space made of them. Which classes, the detector says.
import type { InputDeclaration, JobTypeDeclaration } from './declaration.ts'
import { computeLineWidth, exportSrs, removeSmallLines, saveConfidence } from './shared-options.ts'
import { allDelivered, lines3D, objects3D, polygons3D, scene } from './vector-outputs.ts'

/** A segmented cloud as one of the formats that v1 exports. */
function segmentationExport(format: 'POD' | 'LAS' | 'LAZ' | 'PLY', help: string, delivered = true) {
  const name = `exportedSegmentation3D${format}`
  return {
    v1: name,
    realityDataType: format === 'POD' ? 'PointCloud' : format,
    rootDocument: `${name}.${format.toLowerCase()}`,
    delivered,
    requires: 'segmentation3D',
    help,
  }
}

export const pointClouds = {
  v1: 'pointClouds',
  accepts: ['ContextScene', 'LAS', 'LAZ', 'E57', 'XYZ', 'PLY', 'OBJ'],
  required: { unless: ['meshes'] },
  delivered: true,
  help: 'Point clouds, or a ContextScene that refers to some; all of one place, in one system.',
} as const satisfies InputDeclaration

export const meshes = {
  v1: 'meshes',
  accepts: ['ContextScene'],
  required: false,
  delivered: false,
  help: 'Meshes.',
} as const satisfies InputDeclaration

export const pointCloudSegmentationDetector = {
  v1: 'pointCloudSegmentationDetector',
  kind: 'detector',
  accepts: ['ContextDetector'],
  required: true,
  delivered: true,
  help: 'What classifies the points: @alidade/ground or, for segmentation3D, @alidade/als-basic, which are in every library.',
} as const satisfies InputDeclaration

export const clipPolygon = {
  v1: 'clipPolygon',
  accepts: ['GeoJSON'],
  required: false,
  delivered: true,
  help: 'Polygons of a GeoJSON file, in WGS 84 or the system of its member crs: points outside are left out of the results.',
} as const satisfies InputDeclaration

/** What both types make of classified points. */
export const segmentationOutputs = {
  segmentation3D: {
    v1: 'segmentation3D',
    ...scene,
    delivered: true,
    help: 'A ContextScene 6.0 that refers to the segmented cloud: to segmentedPointCloud, to an export that is the same, or to a file beside it where neither was asked for.',
  },
  segmentedPointCloud: {
    v1: 'segmentedPointCloud',
    realityDataType: 'LAZ',
    rootDocument: 'segmentedPointCloud.laz',
    formatOfInput: true,
    delivered: true,
    help: 'The cloud in its own order with the class of each point, as LAS or LAZ as it came, LAS where it was neither; the published service writes OPC.',
  },
  exportedSegmentation3DPOD: segmentationExport('POD', 'The segmented cloud as POD.', false),
  exportedSegmentation3DLAS: segmentationExport(
    'LAS',
    'The segmented cloud as LAS, in the system of exportSrs.',
  ),
  exportedSegmentation3DLAZ: segmentationExport('LAZ', 'The same as LAZ.'),
  exportedSegmentation3DPLY: segmentationExport('PLY', 'The same as PLY, colours in 8 bits.'),
} as const

/** Core seconds a point: what reading LAZ, finding the ground and writing take. */
const secondsPerPoint = 0.72e-6

export const segmentationCost = {
  cost:
    '20 points for each square unit of plan (sceneWidth x sceneLength) and of the four walls around it (with sceneHeight), at ' +
    '1.4 million points for each core second, as measured by `bench/truth/calibrate.ts`; the parameters of photos and detectors ' +
    'add a millionth each.',
  estimateProcessingUnits: ({
    gigaPixels = 0,
    numberOfPhotos = 0,
    sceneWidth = 0,
    sceneHeight = 0,
    sceneLength = 0,
    detectorScale = 0,
    detectorCost = 0,
  }) => {
    const area = sceneWidth * sceneLength + sceneHeight * (sceneWidth + sceneLength) * 2
    // No part in this analysis; counted so that more never costs less.
    const negligible =
      gigaPixels + numberOfPhotos + detectorScale + detectorCost + sceneWidth + sceneHeight + sceneLength
    return (20 * area * secondsPerPoint) / 3600 + negligible * 1e-6
  },
} as const satisfies Pick<JobTypeDeclaration, 'cost' | 'estimateProcessingUnits'>

export const segmentation3D = {
  name: 'segmentation3D',
  v1: 'segmentation3D',
  v2: 'Segmentation3D',
  title: 'Segmentation of point clouds',
  purpose: 'Gives each point of a cloud a class, and makes objects, lines and polygons of them.',
  steps: ['Prepare_Production', 'Read_Clouds', 'Find_Ground', 'Classify_Points', 'Write_Results'],
  inputs: {
    pointClouds: { ...pointClouds, v2: 'model3D', required: { unless: ['meshes', 'segmentation3D'] } },
    meshes,
    pointCloudSegmentationDetector: {
      ...pointCloudSegmentationDetector,
      v2: 'pointCloudSegmentationDetector',
      help: 'What classifies the points: @alidade/ground or, for segmentation3D, @alidade/als-basic, which are in every library, or an ONNX model of yours.',
      required: { unless: ['segmentation3D'] },
    },
    segmentation3D: {
      v1: 'segmentation3D',
      v2: 'segmentation3D',
      accepts: ['ContextScene'],
      segmented: true,
      required: false,
      delivered: true,
      help: 'A ContextScene with a segmented cloud, in place of cloud and detector: objects, lines and polygons are made of the classes of its points.',
    },
    clipPolygon,
    extent: {
      v2: 'extent',
      kind: 'bucketFile',
      accepts: [],
      required: false,
      delivered: true,
      help: 'The same as a file in the bucket.',
    },
  },
  outputs: {
    ...segmentationOutputs,
    segmentation3D: { ...segmentationOutputs.segmentation3D, v2: 'segmentation3D' },
    segmentedPointCloud: { ...segmentationOutputs.segmentedPointCloud, v2: 'segmentedModel3D' },
    ...allDelivered({ ...objects3D, ...lines3D, ...polygons3D }),
  },
  options: {
    exportSrs: { ...exportSrs, delivered: true },
    saveConfidence: { ...saveConfidence, delivered: true },
    computeLineWidth: { ...computeLineWidth, delivered: true },
    removeSmallLines: { ...removeSmallLines, delivered: true },
  },
  ...segmentationCost,
} as const satisfies JobTypeDeclaration
