// Scenes of objects, lines and polygons in space, and the same as GeoJSON, 3D Tiles, design files and shapefiles.
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { chainsOf } from '@alidade/analysis'
import {
  type ContextSceneToWrite,
  type Crs,
  type DbfField,
  type DesignFeature,
  dgnChunks,
  encodeShapefile,
  type GeoJsonFeature,
  geoJsonChunks,
  type Position,
  sceneDefinition,
  sceneLine3D,
  sceneObject3D,
  scenePolygon3D,
  type TiledFeatures,
  toWgs84,
  type Vector3,
  write3DTiles,
  writeContextSceneFile,
} from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { JobContext, OutputFolder } from '../job-type.ts'
import { exportSrsFrom, orJobError, placesIn } from '../point-clouds/export-srs.ts'
import type { Found, FoundLine, FoundObject, FoundPolygon } from './found-vectors.ts'

/** One kind of vectors in all that it can be written as. */
export interface Vectors {
  found: readonly Found[]
  annotations: NonNullable<ContextSceneToWrite['Annotations']>
  tiled: TiledFeatures
  design: readonly DesignFeature[]
  features(place: (at: Vector3) => Position): Iterable<GeoJsonFeature>
}

export interface WriteVectorsOptions extends Pick<JobContext, 'outputs' | 'signal'> {
  crs: Crs | undefined
}

/** `name`: that of the scene, as `objects3D`; exports are written where they are among the outputs. */
export async function writeVectors(
  name: 'objects3D' | 'lines3D' | 'polygons3D',
  vectors: Vectors,
  { outputs, crs, signal }: WriteVectorsOptions,
): Promise<void> {
  const capital = name[0]!.toUpperCase() + name.slice(1)
  const [scene, geoJson, tiles, design] = [
    name,
    `exported${capital}GeoJSON`,
    `exported${capital}Cesium`,
    `exported${capital}DGN`,
  ].map((output) => outputs[output])
  if (scene !== undefined)
    await writeContextSceneFile(scene.path('ContextScene.json'), sceneOf(vectors, crs), { signal })
  if (geoJson !== undefined) {
    const place = geographic(geoJson, crs)
    await writeText(geoJson.path(`${geoJson.name}.geojson`), geoJsonChunks(vectors.features(place)))
  }
  if (tiles !== undefined) {
    if (crs?.proj4 === undefined) throw new JobError('Crs_Missing', [tiles.name, 'the input'])
    await write3DTiles(dirname(tiles.path('tileset.json')), vectors.tiled, { crs, signal })
  }
  if (design !== undefined)
    await writeFile(
      design.path(`${design.name}.dgn`),
      dgnChunks(vectors.design, crs === undefined || crs.linearUnit.metres === 1 ? 'm' : 'ft'),
    )
}

export function objectVectors(objects: readonly FoundObject[]): Vectors {
  return {
    found: objects,
    annotations: {
      Objects3D: {
        Objects: new Map(objects.map((one) => [one.guid, sceneObject3D({ ...one, ...one.box })])),
      },
    },
    tiled: {
      objects: objects.map(({ box, ...one }) => ({ ...box, properties: propertiesOf(one) })),
    },
    design: objects.map((one) => ({ level: levelOf(one), areas: facesOf(one.box).map((face) => [face]) })),
    *features(place) {
      for (const { box, ...one } of objects)
        yield {
          id: one.guid,
          geometry: { type: 'Polygon', coordinates: [baseOf(box).map(place)] },
          properties: { ...propertiesOf(one), length: box.size[0], width: box.size[1], height: box.size[2] },
        }
    },
  }
}

export function lineVectors(lines: readonly FoundLine[]): Vectors {
  const chains = ({ vertices, segments }: FoundLine) =>
    chainsOf(segments).map((chain) => chain.map((i) => vertices[i]!))
  return {
    found: lines,
    annotations: { Lines3D: { Lines: new Map(lines.map((one) => [one.guid, sceneLine3D(one)])) } },
    tiled: { lines: lines.map((one) => ({ lines: chains(one), properties: propertiesOf(one) })) },
    design: lines.map((one) => ({ level: levelOf(one), lines: chains(one) })),
    *features(place) {
      for (const one of lines)
        yield {
          id: one.guid,
          geometry: geometryOf(chains(one).map((chain) => chain.map(place))),
          properties: { ...propertiesOf(one), length: one.length },
        }
    },
  }
}

export function polygonVectors(polygons: readonly FoundPolygon[]): Vectors {
  const rings = ({ outer, inner = [] }: FoundPolygon) => [outer, ...inner]
  return {
    found: polygons,
    annotations: {
      Polygons3D: { Polygons: new Map(polygons.map((one) => [one.guid, scenePolygon3D(one)])) },
    },
    tiled: { polygons: polygons.map((one) => ({ polygons: [rings(one)], properties: propertiesOf(one) })) },
    design: polygons.map((one) => ({ level: levelOf(one), areas: [rings(one)] })),
    *features(place) {
      for (const one of polygons)
        yield {
          id: one.guid,
          geometry: { type: 'Polygon', coordinates: rings(one).map((ring) => ring.map(place)) },
          properties: { ...propertiesOf(one), area: scenePolygon3D(one).Area },
        }
    },
  }
}

/** What branches is several chains. */
function geometryOf(chains: Position[][]): GeoJsonFeature['geometry'] {
  return chains.length === 1
    ? { type: 'LineString', coordinates: chains[0]! }
    : { type: 'MultiLineString', coordinates: chains }
}

/** The centres of objects, on WGS 84. */
export async function writeLocations(
  output: OutputFolder,
  objects: readonly FoundObject[],
  crs: Crs | undefined,
) {
  const place = geographic(output, crs)
  const features = objects.map(
    ({ box, ...one }): GeoJsonFeature => ({
      id: one.guid,
      geometry: { type: 'Point', coordinates: place(box.center) },
      properties: propertiesOf(one),
    }),
  )
  await writeText(output.path(`${output.name}.geojson`), geoJsonChunks(features))
}

const fields: readonly DbfField[] = [
  { name: 'id', type: 'text', widthBytes: 36 },
  { name: 'label', type: 'text', widthBytes: 32 },
  { name: 'confidence', type: 'number', widthBytes: 6, decimals: 3 },
  ...['length', 'width', 'height'].map(
    (name): DbfField => ({ name, type: 'number', widthBytes: 18, decimals: 3 }),
  ),
]

/** The same as a shapefile of points with heights, in the system of exportSrs. */
export async function writeLocationsShapefile(
  output: OutputFolder,
  objects: readonly FoundObject[],
  { crs, exportSrs }: { crs: Crs | undefined; exportSrs: unknown },
): Promise<void> {
  const exportCrs = exportSrsFrom(exportSrs)
  if (exportCrs !== undefined && crs?.proj4 === undefined)
    throw new JobError('Crs_Missing', [output.name, 'the input'])
  const place = exportCrs && placesIn(crs!, exportCrs)
  const rise = exportCrs === undefined ? 1 : (crs!.linearUnit.metres ?? 1) / exportCrs.linearUnit.metres
  const features = objects.map(({ box, ...one }) => {
    const [x, y, z] = box.center
    return {
      shape: {
        type: 'PointZ',
        coordinates: [...(place?.(x, y) ?? ([x, y] as const)), z * rise] as const,
      } as const,
      values: [one.guid, one.label, one.confidence, ...box.size],
    }
  })
  const parts = encodeShapefile(fields, features as Parameters<typeof encodeShapefile>[1], exportCrs ?? crs)
  for (const [end, bytes] of Object.entries(parts))
    await writeFile(output.path(`${output.name}.${end}`), bytes)
}

function sceneOf({ found, annotations }: Vectors, crs: Crs | undefined): ContextSceneToWrite {
  const names = new Map(found.map(({ labelId, label }) => [labelId, label]))
  const labels = [...names].sort(([a], [b]) => a - b)
  const system = crs && { SRSId: 0 }
  const inSystem = Object.fromEntries(
    Object.entries(annotations).map(([kind, value]) => [kind, { ...system, ...(value as object) }]),
  )
  return {
    ...(crs && { SpatialReferenceSystems: new Map([['0', { Definition: sceneDefinition(crs) }]]) }),
    Annotations: {
      Labels: new Map(labels.map(([id, Name]) => [String(id), { Name }])),
      ...inSystem,
    },
  }
}

function propertiesOf({ guid, label, labelId, confidence }: Found) {
  return { id: guid, label, class: labelId, ...(confidence !== undefined && { confidence }) }
}

/** Longitude, latitude and the height in metres, in the vertical system of the cloud. */
function geographic(output: OutputFolder, crs: Crs | undefined): (at: Vector3) => Position {
  if (crs?.proj4 === undefined) throw new JobError('Crs_Missing', [output.name, 'the input'])
  const lonLat = orJobError(toWgs84(crs), 'pointClouds')
  return ([x, y, z]) => [...lonLat(x, y), z * crs.linearUnit.metres]
}

/** In a design file; class codes from 63 on share the last one. */
function levelOf({ labelId }: Found): number {
  return Math.max(1, Math.min(63, labelId))
}

/** Base, top and walls. */
function facesOf(box: FoundObject['box']): Vector3[][] {
  const base = baseOf(box)
  const top = base.map(([x, y, z]): Vector3 => [x, y, z + box.size[2]])
  const walls = base.map((corner, i) => {
    const next = (i + 1) % base.length
    return [corner, base[next]!, top[next]!, top[i]!]
  })
  return [base, top, ...walls]
}

function baseOf({ center, size, rotation: r }: FoundObject['box']): Vector3[] {
  return (
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const
  ).map(([a, b]) => {
    const [u, v] = [(a * size[0]) / 2, (b * size[1]) / 2]
    return [center[0] + r[0] * u + r[1] * v, center[1] + r[3] * u + r[4] * v, center[2] - size[2] / 2]
  })
}

async function writeText(path: string, pieces: Iterable<string>): Promise<void> {
  await writeFile(path, pieces, 'utf8')
}
