export { memorySource, openFile } from './byte-source.ts'
export type { ByteSource, Segment } from './byte-source.ts'
export { FormatError } from './format-error.ts'
export type { FormatErrorCode } from './format-error.ts'
export type { Crs, LinearUnit } from './crs.ts'
export type { ExtraBytesField } from './las-extra-bytes.ts'
export { readLasHeader } from './las-header.ts'
export type { Vector3 } from './las-coordinates.ts'
export type { LasHeader } from './las-header.ts'
export { readPointBatches } from './las-points.ts'
export type { PointBatch, ReadPointsOptions } from './las-points.ts'
export type { LasVlr } from './las-vlr.ts'
export { readXyz } from './las-xyz.ts'
export { decodeXyz } from './las-columns.ts'
export type { PointColumns, ReadXyzOptions } from './las-columns.ts'
export { crsFromDefinition, reproject, toWgs84 } from './crs.ts'
export { createLasWriter } from './las-writer.ts'
export type { ExtraColumns, LasWriter, LasWriterOptions, NewExtraBytes } from './las-writer.ts'
export { writeLasPoints } from './las-from-columns.ts'
export type { PointsToWrite, WriteLasPointsOptions } from './las-from-columns.ts'
export { parseContextScene } from './context-scene.ts'
export type {
  Box3D,
  ContextScene,
  Rotation3,
  SceneLimits,
  SceneObject3D,
  ScenePointCloud,
} from './context-scene.ts'
export { writeContextScene } from './write-context-scene.ts'
export type { ContextSceneToWrite } from './write-context-scene.ts'
export { realityDataIdOf, splitScenePath } from './scene-path.ts'
export type { ScenePath } from './scene-path.ts'
export { geoJsonFeatureCollection } from './geojson.ts'
export type { GeoJsonFeature, GeoJsonGeometry, Position } from './geojson.ts'
export { encodeShapefile } from './shapefile.ts'
export type { Shape, ShapefileFeature, ShapefileParts } from './shapefile.ts'
export type { DbfField, DbfValue } from './dbase.ts'
export { esriWkt } from './esri-wkt.ts'
