// Classes of the pixels of orthophotos, and lines and polygons in plan made of them.
import { notDelivered, type OutputDeclaration } from './declaration.ts'
import { scene } from './vector-outputs.ts'

function planar(
  name: 'lines2D' | 'polygons2D',
  what: string,
): Record<string, Omit<OutputDeclaration, 'delivered'>> {
  const capital = name[0]!.toUpperCase() + name.slice(1)
  const exported = (type: string, extension: string) => ({
    v1: `exported${capital}${type}`,
    realityDataType: type,
    rootDocument: `exported${capital}${type}.${extension}`,
    requires: name,
    help: `${what} as ${type}.`,
  })
  return {
    [name]: { v1: name, v2: name, ...scene, help: `${what} as a ContextScene.` },
    [`exported${capital}SHP`]: { ...exported('SHP', 'shp'), v2: `${name}AsSHP` },
    ...(name === 'lines2D' && { exportedLines2DDGN: exported('DGN', 'dgn') }),
    [`exported${capital}GeoJSON`]: { ...exported('GeoJSON', 'geojson'), v2: `${name}AsGeoJSON` },
  }
}

export const segmentationOrthophoto = notDelivered({
  name: 'segmentationOrthophoto',
  v1: 'segmentationOrthophoto',
  v2: 'SegmentationOrthophoto',
  title: 'Segmentation of orthophotos',
  purpose: 'Gives each pixel of orthophotos a class, and makes lines and polygons of them.',
  inputs: {
    orthophoto: {
      v1: 'orthophoto',
      v2: 'orthophoto',
      accepts: ['ContextScene', 'Orthophoto'],
      required: true,
      help: 'A scene that refers to orthophotos.',
    },
    orthophotoSegmentationDetector: {
      v1: 'orthophotoSegmentationDetector',
      v2: 'orthophotoSegmentationDetector',
      kind: 'detector',
      accepts: ['ContextDetector'],
      required: true,
      help: 'What classifies the pixels.',
    },
  },
  outputs: {
    segmentation2D: {
      v1: 'segmentation2D',
      v2: 'segmentation2D',
      ...scene,
      help: 'A label image for each tile.',
    },
    segmentedPhotos: {
      v1: 'segmentedPhotos',
      v2: 'segmentedPhotos',
      realityDataType: 'CCImageCollection',
      help: 'The label images themselves.',
    },
    ...planar('polygons2D', 'Polygons in plan'),
    ...planar('lines2D', 'Lines in plan'),
  },
  options: {},
})
