// Change detection: what appeared and what disappeared between two surveys of one place.
import type { JobTypeDeclaration, OutputDeclaration } from './declaration.ts'

/** How one survey may be registered to the other. */
export const registrations = ['none', 'translation', 'rigid'] as const

const meshes = ['PLY', 'OBJ', 'GLB', 'ContextScene'] as const
const surveys = ['LAS', 'LAZ', 'E57', 'XYZ', ...meshes] as const

/** The changes of one epoch alone, as v2 has them. */
function locationsOf(epoch: 'A' | 'B', what: string): Record<string, OutputDeclaration> {
  const name = `locations3D${epoch}`
  const exported = { delivered: true, requires: name } as const
  return {
    [name]: {
      v2: name,
      realityDataType: 'ContextScene',
      rootDocument: 'ContextScene.json',
      delivered: true,
      help: `Boxes of ${what}, as a ContextScene.`,
    },
    [`${name}AsSHP`]: {
      v2: `${name}AsSHP`,
      realityDataType: 'SHP',
      rootDocument: `${name}AsSHP.shp`,
      ...exported,
      help: `Places of ${what}, as a shapefile.`,
    },
    [`${name}AsGeoJSON`]: {
      v2: `${name}AsGeoJSON`,
      realityDataType: 'GeoJSON',
      rootDocument: `${name}AsGeoJSON.geojson`,
      ...exported,
      help: `Places of ${what}, as points in WGS 84.`,
    },
  }
}

export const changeDetection = {
  name: 'changeDetection',
  v1: 'changeDetection',
  v2: 'ChangeDetection',
  title: 'Change detection',
  purpose:
    'Finds what appeared and what disappeared between two surveys of one place, with a box and a volume each.',
  steps: ['Prepare_Production', 'Read_Clouds', 'Compare_Clouds', 'Cluster_Changes', 'Write_Results'],
  inputs: {
    modelA: {
      v1: 'pointClouds1',
      v2: 'model3DA',
      accepts: surveys,
      required: { unless: ['meshesA'] },
      delivered: true,
      help: 'The earlier survey: a point cloud or a mesh, which is sampled, or a ContextScene that refers to some.',
    },
    modelB: {
      v1: 'pointClouds2',
      v2: 'model3DB',
      accepts: surveys,
      required: { unless: ['meshesB'] },
      delivered: true,
      help: 'The later survey, in the same coordinate reference system.',
    },
    meshesA: {
      v1: 'meshes1',
      accepts: meshes,
      required: false,
      delivered: true,
      help: 'The earlier survey as a mesh, which is sampled.',
    },
    meshesB: {
      v1: 'meshes2',
      accepts: meshes,
      required: false,
      delivered: true,
      help: 'The later survey likewise; one survey may be a mesh and the other a cloud.',
    },
    extent: {
      v2: 'extent',
      kind: 'bucketFile',
      accepts: [],
      required: false,
      delivered: true,
      help: 'Polygons of a GeoJSON file, in WGS 84 or the system of its member crs: what lies outside is no change.',
    },
    preset: {
      v2: 'preset',
      kind: 'bucketFile',
      accepts: [],
      required: false,
      delivered: false,
      help: 'Prepared settings.',
    },
  },
  outputs: {
    objects3D: {
      v1: 'objects3D',
      v2: 'objects3D',
      realityDataType: 'ContextScene',
      rootDocument: 'ContextScene.json',
      delivered: true,
      help: 'One oriented box for each change, as a ContextScene 6.0.',
    },
    exportedLocations3DGeoJSON: {
      v1: 'exportedLocations3DGeoJSON',
      v2: 'locations3DAsGeoJSON',
      realityDataType: 'GeoJSON',
      rootDocument: 'exportedLocations3DGeoJSON.geojson',
      delivered: true,
      requires: 'objects3D',
      help: 'One point for each change with its kind, box and volume, in WGS 84 (RFC 7946).',
    },
    exportedLocations3DSHP: {
      v1: 'exportedLocations3DSHP',
      v2: 'locations3DAsSHP',
      realityDataType: 'SHP',
      rootDocument: 'exportedLocations3DSHP.shp',
      delivered: true,
      requires: 'objects3D',
      help: 'The same locations as a shapefile of points with heights, in the system of the surveys or of exportSrs.',
    },
    segmentation3DA: {
      v2: 'segmentation3DA',
      realityDataType: 'ContextScene',
      rootDocument: 'ContextScene.json',
      delivered: true,
      help: 'A ContextScene that refers to segmentedModel3DA, or where that is not asked for to the same cloud beside it, and names the kind of each change by its number.',
    },
    segmentation3DB: {
      v2: 'segmentation3DB',
      realityDataType: 'ContextScene',
      rootDocument: 'ContextScene.json',
      delivered: true,
      help: 'A ContextScene that refers to segmentedModel3DB, or where that is not asked for to the same cloud beside it, and names the kind of each change by its number.',
    },
    ...locationsOf('A', 'what disappeared'),
    ...locationsOf('B', 'what appeared'),
    segmentedModel3DA: {
      v2: 'segmentedModel3DA',
      realityDataType: 'LAS',
      rootDocument: 'segmentedModel3DA.las',
      formatOfInput: true,
      delivered: true,
      help: 'The earlier cloud in its own order with the change id and the distance of every point.',
    },
    segmentedModel3DB: {
      v2: 'segmentedModel3DB',
      realityDataType: 'LAS',
      rootDocument: 'segmentedModel3DB.las',
      formatOfInput: true,
      delivered: true,
      help: 'The later cloud likewise.',
    },
  },
  options: {
    distThresholdLow: {
      v1: 'distThresholdLow',
      v2: 'growThreshold',
      type: 'number',
      exclusiveMinimum: 0,
      default: { derived: 'none: what is beyond the scatter of the surfaces decides' },
      unit: 'linear unit of the input',
      delivered: true,
      help: 'A point this far from the other survey belongs to a change if it is connected to one beyond the high threshold.',
    },
    distThresholdHigh: {
      v1: 'distThresholdHigh',
      v2: 'filterThreshold',
      type: 'number',
      exclusiveMinimum: 0,
      default: { derived: 'none: what is beyond the scatter of the surfaces decides' },
      unit: 'linear unit of the input',
      delivered: true,
      help: 'A change needs at least one point this far from the other survey.',
    },
    minPoints: {
      v1: 'minPoints',
      v2: 'minPointsPerChange',
      type: 'integer',
      minimum: 1,
      default: 20,
      unit: 'points',
      delivered: true,
      help: 'Changes with fewer points are dropped.',
    },
    colorThresholdLow: {
      v1: 'colorThresholdLow',
      type: 'number',
      minimum: 0,
      default: 0,
      unit: 'steps of 8 bits in RGB',
      delivered: true,
      help: 'A point whose colour is this far from those around it in the other survey belongs to a change of colour if it is connected to one beyond the high threshold. 0: by the high one, or off.',
    },
    colorThresholdHigh: {
      v1: 'colorThresholdHigh',
      type: 'number',
      minimum: 0,
      default: 0,
      unit: 'steps of 8 bits in RGB',
      delivered: true,
      help: 'A change of colour needs at least one point this far off. 0: by the low one, or off.',
    },
    exportSrs: {
      v1: 'exportSrs',
      v2: 'outputCrs',
      type: 'string',
      default: { derived: 'that of the surveys' },
      delivered: true,
      help: 'Coordinate reference system of the shapefile: EPSG:<code> or WKT. GeoJSON is always WGS 84.',
    },
    registration: {
      header: 'alidade-registration',
      type: 'string',
      oneOf: registrations,
      default: 'none',
      delivered: true,
      help: 'Register the later survey to the earlier one before they are compared, by what has not changed: translation, or rigid with rotations. Results are then in the place of the earlier survey; the motion found is told, and where it is in doubt nothing is moved.',
    },
    resolution: {
      v1: 'resolution',
      v2: 'samplingResolution',
      type: 'number',
      exclusiveMinimum: 0,
      default: { derived: 'the mean spacing of the vertices, for one to twenty million points' },
      unit: 'linear unit of the input',
      delivered: true,
      help: 'Sampling distance of meshes: no place of a surface is farther than this from a point. Clouds stay as they are.',
    },
  },
  cost:
    'Two epochs of 20 points for each square unit of plan (sceneWidth x sceneLength) and of the four walls around it (with ' +
    'sceneHeight), at 0.41 million points for each core second, as measured by `bench/truth/calibrate.ts`; the parameters ' +
    'of photos and detectors add a millionth each.',
  estimateProcessingUnits: ({
    gigaPixels = 0,
    numberOfPhotos = 0,
    sceneWidth = 0,
    sceneHeight = 0,
    sceneLength = 0,
    detectorScale = 0,
    detectorCost = 0,
  }) => {
    // Point clouds cost by their points: 20 points for each square unit of the scene's plan and of its four walls,
    // two epochs, at 0.41 million points for each core second (bench/truth/calibrate.ts: 2.4 us a point of LAS). What
    // concerns photos and detectors has no part in this analysis; it counts next to nothing so that more never
    // costs less.
    const area = sceneWidth * sceneLength + sceneHeight * (sceneWidth + sceneLength) * 2
    const seconds = (2 * 20 * area) / 0.41e6
    const negligible =
      gigaPixels + numberOfPhotos + detectorScale + detectorCost + sceneWidth + sceneHeight + sceneLength
    return seconds / 3600 + negligible * 1e-6
  },
} as const satisfies JobTypeDeclaration
