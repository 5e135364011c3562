// 3D Tiles 1.1 (OGC 22-025r4): `tileset.json`, and the features of each tile as binary glTF beside it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Crs } from './crs.ts'
import { geocentricPlaces, type LocalFrame } from './ecef.ts'
import { type PropertyColumn, propertyColumns } from './glb-property-table.ts'
import type { Vector3 } from './las-coordinates.ts'
import { encodeTileContent } from './tile-content.ts'
import { boxDrawing, lineDrawing, polygonDrawing } from './tile-features.ts'
import type { Placement, TiledFeatures } from './tile-features.ts'
import { measured, type Tile, type TiledDrawing, tileTree } from './tile-tree.ts'

export interface Write3DTilesOptions {
  /** Of the coordinates of all features. */
  readonly crs: Crs
  /** More are divided among a quadtree of tiles. Default 5000, some 3 MB of boxes. */
  readonly mostPerTile?: number
  readonly signal?: AbortSignal
}

/**
 * Writes `tileset.json` and `tiles/*.glb` into a folder that exists. Features are in metres about the middle of them
 * all; the transform of the root tile takes them to their place on WGS 84. A tile shows its largest features, its
 * children add the smaller ones when they are large enough to be seen. FormatError `Unsupported` for a system without
 * a way to WGS 84; RangeError for a place that it cannot reach.
 */
export async function write3DTiles(
  folder: string,
  features: TiledFeatures,
  { crs, mostPerTile = 5000, signal }: Write3DTilesOptions,
): Promise<void> {
  const places = geocentricPlaces(crs)
  const columns = propertyColumns(listOf(features))
  const frame = frameInTheMiddle(features, places.frameAt)
  const drawings = frame
    ? drawingsOf(features, (point) => frame.fromGeocentric(places.geocentric(point)))
    : []
  const root = tileTree(drawings.map(measured), mostPerTile)
  const largest = Math.max(0, ...(root?.drawings ?? []).slice(0, 1).map(({ metres }) => metres))
  if (root) {
    await mkdir(join(folder, 'tiles'), { recursive: true })
    await writeContents(folder, root, columns, 'lines' in features ? colours.lines : colours.areas, signal)
  }
  const tileset = {
    asset: { version: '1.1', generator: 'Alidade' },
    geometricError: largest,
    root: root ? { transform: frame!.toGeocentric, refine: 'ADD', ...tileJson(root) } : nothing,
  }
  await writeFile(join(folder, 'tileset.json'), JSON.stringify(tileset))
}

const colours = { areas: [0.9, 0.45, 0.1], lines: [0.1, 0.5, 0.9] } as const
/** A tileset has a root with a volume, even one without features. */
const nothing = { boundingVolume: { sphere: [0, 0, 0, 0] }, geometricError: 0, refine: 'ADD' }

function listOf(features: TiledFeatures) {
  if ('objects' in features) return features.objects
  return 'lines' in features ? features.lines : features.polygons
}

function drawingsOf(features: TiledFeatures, place: Placement) {
  if ('objects' in features) return features.objects.map((box) => boxDrawing(box, place))
  if ('lines' in features) return features.lines.map((line) => lineDrawing(line, place))
  return features.polygons.map((polygon) => polygonDrawing(polygon, place))
}

/** Undefined without features. */
function frameInTheMiddle(features: TiledFeatures, frameAt: (point: Vector3) => LocalFrame) {
  const [min, max] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ]
  for (const point of anchors(features)) {
    for (const [axis, value] of point.entries()) {
      min[axis] = Math.min(min[axis]!, value)
      max[axis] = Math.max(max[axis]!, value)
    }
  }
  if (!(min[0]! <= max[0]!)) return undefined
  return frameAt([(min[0]! + max[0]!) / 2, (min[1]! + max[1]!) / 2, (min[2]! + max[2]!) / 2])
}

function* anchors(features: TiledFeatures): Generator<Vector3> {
  if ('objects' in features) for (const { center } of features.objects) yield center
  else if ('lines' in features) for (const { lines } of features.lines) for (const line of lines) yield* line
  else for (const { polygons } of features.polygons) for (const rings of polygons) yield* rings[0] ?? []
}

async function writeContents(
  folder: string,
  tile: Tile,
  columns: readonly PropertyColumn[],
  colour: readonly [number, number, number],
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  await writeFile(join(folder, contentOf(tile)), encodeTileContent(tile.drawings, columns, colour))
  for (const child of tile.children) await writeContents(folder, child, columns, colour, signal)
}

function contentOf({ name }: { name: string }): string {
  return `tiles/${name}.glb`
}

function tileJson(tile: Tile): Record<string, unknown> {
  const children = tile.children.map(tileJson)
  return {
    boundingVolume: { box: boxOf(tile) },
    geometricError: tile.errorMetres,
    content: { uri: contentOf(tile) },
    ...(children.length > 0 && { children }),
  }
}

/** The middle, and half of the length along each axis; flat things and rounded numbers get a millimetre on each side. */
function boxOf({ min, max }: Pick<TiledDrawing, 'min' | 'max'>): number[] {
  const middle = min.map((low, axis) => (low + max[axis]!) / 2)
  const [x, y, z] = min.map((low, axis) => (max[axis]! - low) / 2 + 0.001)
  return [...middle, x!, 0, 0, 0, y!, 0, 0, 0, z!]
}
