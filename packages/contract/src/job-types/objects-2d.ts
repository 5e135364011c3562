// Objects in photos, and in space where the photos are oriented.
import { notDelivered } from './declaration.ts'
import { exportSrs, minPhotos } from './shared-options.ts'
import { objects3D, scene } from './vector-outputs.ts'

export const objects2D = notDelivered({
  name: 'objects2D',
  v1: 'objects2D',
  v2: 'Objects2D',
  title: 'Objects in photos',
  purpose: 'Detects objects in photos and, where the photos are oriented, puts them into space.',
  inputs: {
    photos: {
      v1: 'photos',
      v2: 'photos',
      accepts: ['ContextScene', 'CCImageCollection'],
      required: true,
      help: 'A scene that refers to photos.',
    },
    photoObjectDetector: {
      v1: 'photoObjectDetector',
      v2: 'photoObjectDetector',
      kind: 'detector',
      accepts: ['ContextDetector'],
      required: { unless: ['objects2D'] },
      help: 'What detects the objects.',
    },
    objects2D: {
      v1: 'objects2D',
      v2: 'objects2D',
      accepts: ['ContextScene'],
      required: false,
      help: 'Objects that are known already, in place of a detector.',
    },
    model3D: {
      v1: 'pointClouds',
      v2: 'model3D',
      accepts: ['ContextScene', 'LAS', 'LAZ'],
      required: false,
      help: 'Point clouds of the place, for objects in space; in v2 also meshes.',
    },
    meshes: { v1: 'meshes', accepts: ['ContextScene'], required: false, help: 'Meshes of the place.' },
  },
  outputs: {
    objects2D: { v1: 'objects2D', v2: 'objects2D', ...scene, help: 'Boxes in each photo.' },
    ...objects3D,
  },
  options: {
    useTiePoints: {
      v1: 'useTiePoints',
      v2: 'useTiePoints',
      type: 'boolean',
      default: false,
      help: 'Refines the detection by the tie points of oriented photos.',
    },
    minPhotos,
    maxDist: {
      v1: 'maxDist',
      v2: 'maxDist',
      type: 'number',
      exclusiveMinimum: 0,
      default: { derived: 'no limit' },
      unit: 'linear unit of the input',
      help: 'Objects further from their photos than this are dropped.',
    },
    exportSrs: { ...exportSrs, v2: 'crs' },
  },
})
