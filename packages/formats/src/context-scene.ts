// ContextScene JSON, versions 5.0 and 6.0: the description of a scene whose data lie elsewhere.
import { FormatError } from './format-error.ts'
import { checkJsonLimits } from './json-limits.ts'
import { integerAt, mapAt, numberAt, objectAt, optional, stringAt } from './json-shape.ts'
import type { JsonObject } from './json-shape.ts'

export type Box3D = {
  readonly xmin: number
  readonly ymin: number
  readonly zmin: number
  readonly xmax: number
  readonly ymax: number
  readonly zmax: number
}

/** Row-major, about the centre of the box, from the box to the reference system. */
export type Rotation3 = Readonly<Record<RotationKey, number>>
type RotationKey = 'M_00' | 'M_01' | 'M_02' | 'M_10' | 'M_11' | 'M_12' | 'M_20' | 'M_21' | 'M_22'

export type SceneObject3D = {
  readonly LabelInfo: { readonly LabelId: number; readonly Confidence?: number }
  readonly RotatedBox3D: { readonly Box3D: Box3D; readonly Rotation: Rotation3 }
}

export type ScenePointCloud = {
  readonly Path: string
  readonly Name?: string
  readonly SRSId?: number
}

/** Maps have the scene's own ids as keys. Sections this type does not name are kept in `other`, unread. */
export type ContextScene = {
  readonly version: string
  readonly SpatialReferenceSystems?: ReadonlyMap<
    string,
    { readonly Definition: string; readonly Name?: string }
  >
  readonly PointCloudCollection?: {
    readonly SRSId?: number
    readonly PointClouds: ReadonlyMap<string, ScenePointCloud>
  }
  readonly Annotations?: {
    readonly Labels?: ReadonlyMap<string, { readonly Name: string }>
    readonly Objects3D?: { readonly SRSId?: number; readonly Objects: ReadonlyMap<string, SceneObject3D> }
    /** Kinds of annotation beside labels and objects, as they were. */
    readonly other: ReadonlyMap<string, unknown>
  }
  readonly References?: ReadonlyMap<string, { readonly Path: string }>
  readonly other: ReadonlyMap<string, unknown>
}

/** What a scene may be at most; scenes with millions of annotations stay below these. */
export type SceneLimits = { readonly mostBytes: number; readonly mostValues: number }
const defaultLimits: SceneLimits = { mostBytes: 256 * 1024 * 1024, mostValues: Infinity }
/** A model of this format has seven. */
const deepestLevel = 64
const readVersions = ['5.0', '6.0']

/**
 * Reads a scene. FormatError `Unsupported` for other versions and XML, `Invalid` for everything that breaks the
 * model, with the JSON path (`$.PointCloudCollection.PointClouds.0.Path`). What is beyond the limits is refused before
 * it is parsed.
 */
export function parseContextScene(
  input: string | Uint8Array,
  limits: Partial<SceneLimits> = {},
): ContextScene {
  const root = objectAt(parseJson(input, { ...defaultLimits, ...limits }), '$')
  const version = stringAt(root, 'version', '$')
  if (!readVersions.includes(version)) {
    throw new FormatError('Unsupported', '$.version', `expected 5.0 or 6.0, got ${version.slice(0, 20)}`)
  }
  const systems = optional(root, 'SpatialReferenceSystems', (value, path) =>
    mapAt(value, path, (system, place) => ({
      Definition: stringAt(system, 'Definition', place),
      ...optionalString(system, 'Name', place),
    })),
  )
  const clouds = optional(root, 'PointCloudCollection', pointCloudCollection)
  const annotations = optional(root, 'Annotations', readAnnotations)
  const references = optional(root, 'References', (value, path) =>
    mapAt(value, path, (reference, place) => ({ Path: stringAt(reference, 'Path', place) })),
  )
  return {
    version,
    ...(systems && { SpatialReferenceSystems: systems }),
    ...(clouds && { PointCloudCollection: clouds }),
    ...(annotations && { Annotations: annotations }),
    ...(references && { References: references }),
    other: otherKeys(root, [
      'version',
      'SpatialReferenceSystems',
      'PointCloudCollection',
      'Annotations',
      'References',
    ]),
  }
}

function parseJson(input: string | Uint8Array, { mostBytes, mostValues }: SceneLimits): unknown {
  if (input.length > mostBytes) {
    throw new FormatError('Unsupported', '$', `expected at most ${mostBytes} bytes, got ${input.length}`)
  }
  const text = (typeof input === 'string' ? input : decodeUtf8(input)).replace(/^\uFEFF/, '')
  if (text.trimStart().startsWith('<')) {
    throw new FormatError('Unsupported', '$', 'expected a JSON scene (5.0 or 6.0), got XML')
  }
  checkJsonLimits(text, { deepest: deepestLevel, mostValues })
  try {
    return JSON.parse(text)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new FormatError('Invalid', '$', `expected JSON: ${cause}`, { cause: error })
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new FormatError('Invalid', '$', 'expected UTF-8 text, got other bytes', { cause: error })
  }
}

function pointCloudCollection(
  value: unknown,
  path: string,
): NonNullable<ContextScene['PointCloudCollection']> {
  const collection = objectAt(value, path)
  const clouds = optional(collection, 'PointClouds', (entries) =>
    mapAt(entries, `${path}.PointClouds`, (cloud, place) => ({
      Path: stringAt(cloud, 'Path', place),
      ...optionalString(cloud, 'Name', place),
      ...optionalId(cloud, 'SRSId', place),
    })),
  )
  return { ...optionalId(collection, 'SRSId', path), PointClouds: clouds ?? new Map() }
}

function readAnnotations(value: unknown, path: string): NonNullable<ContextScene['Annotations']> {
  const annotations = objectAt(value, path)
  const labels = optional(annotations, 'Labels', (entries) =>
    mapAt(entries, `${path}.Labels`, (label, place) => ({ Name: stringAt(label, 'Name', place) })),
  )
  const objects = optional(annotations, 'Objects3D', (entry) => objects3D(entry, `${path}.Objects3D`))
  return {
    ...(labels && { Labels: labels }),
    ...(objects && { Objects3D: objects }),
    other: otherKeys(annotations, ['Labels', 'Objects3D']),
  }
}

const boxKeys = ['xmin', 'ymin', 'zmin', 'xmax', 'ymax', 'zmax'] as const
const rotationKeys = ['M_00', 'M_01', 'M_02', 'M_10', 'M_11', 'M_12', 'M_20', 'M_21', 'M_22'] as const

function objects3D(value: unknown, path: string) {
  const section = objectAt(value, path)
  const objects = mapAt(section.Objects, `${path}.Objects`, (object, place): SceneObject3D => {
    const info = objectAt(object.LabelInfo, `${place}.LabelInfo`)
    const box = objectAt(object.RotatedBox3D, `${place}.RotatedBox3D`)
    const confidence = optional(info, 'Confidence', () => numberAt(info, 'Confidence', `${place}.LabelInfo`))
    return {
      LabelInfo: {
        LabelId: integerAt(info, 'LabelId', `${place}.LabelInfo`),
        ...(confidence !== undefined && { Confidence: confidence }),
      },
      RotatedBox3D: {
        Box3D: numbersAt(box.Box3D, boxKeys, `${place}.RotatedBox3D.Box3D`),
        Rotation: numbersAt(box.Rotation, rotationKeys, `${place}.RotatedBox3D.Rotation`),
      },
    }
  })
  return { ...optionalId(section, 'SRSId', path), Objects: objects }
}

function numbersAt<K extends string>(value: unknown, keys: readonly K[], path: string): Record<K, number> {
  const object = objectAt(value, path)
  return Object.fromEntries(keys.map((key) => [key, numberAt(object, key, path)])) as Record<K, number>
}

function optionalString<K extends string>(object: JsonObject, key: K, path: string): { [P in K]?: string } {
  return (object[key] === undefined ? {} : { [key]: stringAt(object, key, path) }) as { [P in K]?: string }
}

function optionalId<K extends string>(object: JsonObject, key: K, path: string): { [P in K]?: number } {
  return (object[key] == null ? {} : { [key]: integerAt(object, key, path) }) as { [P in K]?: number }
}

function otherKeys(object: JsonObject, known: readonly string[]): Map<string, unknown> {
  return new Map(Object.entries(object).filter(([key]) => !known.includes(key)))
}
