// ContextScene: the description of a scene whose data lie elsewhere. JSON of versions 5.0 and 6.0, XML of 3.0 and 4.0.
import { FormatError } from './format-error.ts'
import { checkJsonLimits } from './json-limits.ts'
import { annotations } from './scene-annotations.ts'
import { meshCollection, pointCloudCollection, trajectoryCollection } from './scene-clouds.ts'
import { numbered } from './scene-collections.ts'
import { SceneFault } from './scene-fault.ts'
import { photoCollection } from './scene-photos.ts'
import { gatherPhotoAnnotations } from './scene-photos-xml.ts'
import { objectOf, optional, record, type Shape, type ShapeValue } from './scene-shape.ts'
import { text } from './scene-values.ts'
import { noAttributes, readXml, type XmlElement } from './xml.ts'

const sections = {
  /** `Definition`: `EPSG:25832`, WKT, `ENU:<latitude>,<longitude>`, `Local:unit=<unit>`. */
  SpatialReferenceSystems: optional(numbered(record({ Definition: text, Name: optional(text) }))),
  PhotoCollection: optional(photoCollection),
  MeshCollection: optional(meshCollection),
  PointCloudCollection: optional(pointCloudCollection),
  TrajectoryCollection: optional(trajectoryCollection),
  Annotations: optional(annotations),
  /** What the numbers before the colons of paths mean: a folder, or `rds:<guid>` for a reality data. */
  References: optional(numbered(record({ Path: text }))),
}
/** `version` is that of the file that was read. */
const contextScene = record({ version: text, ...sections })

/**
 * A scene as its file has it: maps by the scene's own ids, which are numbers where they are referred to. Whatever else
 * the file holds, at any level, is there too, under its own name, though no type tells of it.
 */
export type ContextScene = ShapeValue<typeof contextScene>

export type SceneSection = keyof typeof sections

/** What a scene may be at most; elements of XML count as values do. */
export type SceneLimits = { readonly mostBytes: number; readonly mostValues: number }
/** No string is longer. Without white space, a million objects in space take 300 MB, indented 685 MB. */
const defaultLimits: SceneLimits = { mostBytes: 512 * 1024 * 1024 - 24, mostValues: Infinity }
/** A model of this format has nine. What is unknown in XML may take twice as many in JSON, which has to be read again. */
const deepest = { json: 64, xml: 32 } as const
const mostElements = 1_000_000

export type ParseSceneOptions<S extends SceneSection> = Partial<SceneLimits> & {
  /**
   * What to read; default all. Other sections are not looked at, so that what is wrong in them disturbs nobody who does
   * not need them, and no type tells of them. Such a scene is not for writing.
   */
  readonly sections?: readonly S[]
}

/**
 * Reads a scene, JSON or XML by its first character. FormatError `Unsupported` for other versions, `Invalid` for
 * everything that breaks the model, with the place: a JSON path (`$.PointCloudCollection.PointClouds.0.Path`), in XML
 * an XPath. What is beyond the limits is refused before it is parsed.
 */
export function parseContextScene<S extends SceneSection = SceneSection>(
  input: string | Uint8Array,
  { sections, ...limits }: ParseSceneOptions<S> = {},
): Pick<ContextScene, 'version' | S> {
  const { mostBytes, mostValues } = { ...defaultLimits, ...limits }
  if (input.length > mostBytes)
    throw new FormatError('Unsupported', '$', `expected at most ${mostBytes} bytes, got ${input.length}`)
  const shape = sections === undefined ? contextScene : shapeOf(sections)
  if (looksLikeXml(input))
    return sceneOfXml(typeof input === 'string' ? Buffer.from(input) : input, mostValues, shape)
  return sceneOfJson(typeof input === 'string' ? input : decodeUtf8(input), mostValues, shape)
}

function shapeOf(names: readonly SceneSection[]): Shape<ContextScene> {
  return record({ version: text, ...Object.fromEntries(names.map((name) => [name, sections[name]])) })
}

/** By the first character that is no white space, in any encoding that XML may have. */
function looksLikeXml(input: string | Uint8Array): boolean {
  if (typeof input === 'string') return /^\uFEFF?\s*</.test(input)
  const head = Buffer.from(input.subarray(0, 1000)).toString('latin1')
  return /^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*</.test(head)
}

function sceneOfXml(bytes: Uint8Array, mostValues: number, shape: Shape<ContextScene>): ContextScene {
  const limits = { deepest: deepest.xml, mostElements: Math.min(mostValues, mostElements) }
  const root = readXml(bytes, 'XML', limits)
  if (root.name !== 'ContextScene')
    throw new FormatError('Invalid', `/${root.name.slice(0, 60)}`, 'expected <ContextScene>')
  const version = root.attributes.get('version')
  refuseOtherVersions(version, ['3.0', '4.0'], '/ContextScene/@version')
  try {
    return shape.xml(gatherPhotoAnnotations(withVersionInside(root)))
  } catch (fault) {
    throw fault instanceof SceneFault ? fault.inXml('ContextScene') : fault
  }
}

/** As JSON has it: a member like any other. */
function withVersionInside(root: XmlElement): XmlElement {
  const attributes = new Map(root.attributes)
  const text = attributes.get('version') ?? ''
  attributes.delete('version')
  const version = { name: 'version', attributes: noAttributes, children: [], text }
  return { ...root, attributes, children: [version, ...root.children] }
}

function sceneOfJson(written: string, mostValues: number, shape: Shape<ContextScene>): ContextScene {
  const root = parseJson(written.replace(/^\uFEFF/, ''), mostValues)
  try {
    const { version: stated } = objectOf(root)
    const version = SceneFault.within('version', () => text.json(stated))
    refuseOtherVersions(version, ['5.0', '6.0'], '$.version')
    return shape.json(root)
  } catch (fault) {
    throw fault instanceof SceneFault ? fault.inJson() : fault
  }
}

function refuseOtherVersions(version: string | undefined, known: string[], place: string): void {
  if (version !== undefined && known.includes(version)) return
  const got = version === undefined ? 'nothing' : version.slice(0, 20)
  throw new FormatError('Unsupported', place, `expected ${known.join(' or ')}, got ${got}`)
}

function parseJson(json: string, mostValues: number): unknown {
  checkJsonLimits(json, { deepest: deepest.json, mostValues })
  try {
    return JSON.parse(json)
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
