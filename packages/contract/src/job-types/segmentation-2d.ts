// Classes of the pixels of photos, and lines and polygons in space made of them.
import { notDelivered } from './declaration.ts'
import { computeLineWidth, exportSrs, minPhotos, removeSmallLines } from './shared-options.ts'
import { lines3D, polygons3D, scene } from './vector-outputs.ts'

export const segmentation2D = notDelivered({
  name: 'segmentation2D',
  v1: 'segmentation2D',
  v2: 'Segmentation2D',
  title: 'Segmentation of photos',
  purpose:
    'Gives each pixel of photos a class and, where the photos are oriented, makes lines and polygons of them.',
  inputs: {
    photos: {
      v1: 'photos',
      v2: 'photos',
      accepts: ['ContextScene', 'CCImageCollection'],
      required: true,
      help: 'A scene that refers to photos.',
    },
    photoSegmentationDetector: {
      v1: 'photoSegmentationDetector',
      v2: 'photoSegmentationDetector',
      kind: 'detector',
      accepts: ['ContextDetector'],
      required: { unless: ['segmentation2D'] },
      help: 'What classifies the pixels.',
    },
    segmentation2D: {
      v1: 'segmentation2D',
      v2: 'segmentation2D',
      accepts: ['ContextScene'],
      required: false,
      help: 'Classes that are known already, in place of a detector.',
    },
    model3D: {
      v1: 'pointClouds',
      v2: 'model3D',
      accepts: ['ContextScene', 'LAS', 'LAZ'],
      required: false,
      help: 'Point clouds of the place, for lines and polygons in space; in v2 also meshes.',
    },
    meshes: { v1: 'meshes', accepts: ['ContextScene'], required: false, help: 'Meshes of the place.' },
  },
  outputs: {
    segmentation2D: {
      v1: 'segmentation2D',
      v2: 'segmentation2D',
      ...scene,
      help: 'A label image for each photo.',
    },
    segmentedPhotos: {
      v1: 'segmentedPhotos',
      v2: 'segmentedPhotos',
      realityDataType: 'CCImageCollection',
      help: 'The label images themselves.',
    },
    ...lines3D,
    ...polygons3D,
  },
  options: { computeLineWidth, removeSmallLines, exportSrs, minPhotos },
})
