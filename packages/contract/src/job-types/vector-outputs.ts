// Objects, lines and polygons in space, and what they are exported as: several job types make them.
import type { OutputDeclaration } from './declaration.ts'

type Outputs = Record<string, Omit<OutputDeclaration, 'delivered'>>

export const scene = { realityDataType: 'ContextScene', rootDocument: 'ContextScene.json' } as const

/** `name` is that of the vectors, e.g. `objects3D`; `what` says it in words. */
function exportsOf(name: string, what: string): Outputs {
  const capital = name[0]!.toUpperCase() + name.slice(1)
  const requires = name
  return {
    [name]: { v1: name, v2: name, ...scene, help: `${what} as a ContextScene.` },
    [`exported${capital}DGN`]: {
      v1: `exported${capital}DGN`,
      realityDataType: 'DGN',
      rootDocument: `exported${capital}DGN.dgn`,
      requires,
      help: `${what} as DGN.`,
    },
    [`exported${capital}Cesium`]: {
      v1: `exported${capital}Cesium`,
      v2: `${name}As3DTiles`,
      realityDataType: 'Cesium3DTiles',
      rootDocument: 'tileset.json',
      requires,
      help: `${what} as 3D Tiles.`,
    },
    [`exported${capital}GeoJSON`]: {
      v1: `exported${capital}GeoJSON`,
      v2: `${name}AsGeoJSON`,
      realityDataType: 'GeoJSON',
      rootDocument: `exported${capital}GeoJSON.geojson`,
      requires,
      help: `${what} as GeoJSON.`,
    },
  }
}

export const objects3D: Outputs = {
  ...exportsOf('objects3D', 'Objects in space, an oriented box each,'),
  exportedLocations3DSHP: {
    v1: 'exportedLocations3DSHP',
    v2: 'locations3DAsSHP',
    realityDataType: 'SHP',
    rootDocument: 'exportedLocations3DSHP.shp',
    requires: 'objects3D',
    help: 'The centres of the objects as a shapefile of points.',
  },
  exportedLocations3DGeoJSON: {
    v1: 'exportedLocations3DGeoJSON',
    v2: 'locations3DAsGeoJSON',
    realityDataType: 'GeoJSON',
    rootDocument: 'exportedLocations3DGeoJSON.geojson',
    requires: 'objects3D',
    help: 'The centres of the objects as points in WGS 84.',
  },
}
export const lines3D = exportsOf('lines3D', 'Lines in space')
export const polygons3D = exportsOf('polygons3D', 'Polygons in space')

export function allDelivered(outputs: Outputs): Record<string, OutputDeclaration> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [name, { ...output, delivered: true }]),
  )
}
