// A reader of the tilesets that this package writes, from the texts of 3D Tiles 1.1 and glTF 2.0. It knows only what is
// needed to see where a feature lies and what is said of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ReadFeature {
  tile: string
  /** Geocentric, in the order in which they are drawn: three a triangle, two a piece of a line. */
  drawn: [x: number, y: number, z: number][]
  properties: Record<string, unknown>
}

export interface ReadTile {
  uri: string
  geometricError: number
  /** In metres about the origin of the tileset: middle, and half the length along each axis. */
  box: number[]
  children: ReadTile[]
  features: ReadFeature[]
  /** About the origin of the tileset as well, with z up. */
  corners: [east: number, north: number, up: number][]
}

// biome-ignore lint/suspicious/noExplicitAny: a document whose members are looked up by name
type Json = Record<string, any>

export async function readTileset(folder: string): Promise<{ tileset: Json; tiles: ReadTile[] }> {
  const tileset: Json = JSON.parse(await readFile(join(folder, 'tileset.json'), 'utf8'))
  const tiles: ReadTile[] = []
  const visit = async (json: Json): Promise<ReadTile> => {
    const uri: string = json.content.uri
    const tile: ReadTile = {
      uri,
      geometricError: json.geometricError,
      box: json.boundingVolume.box,
      children: [],
      ...readContent(await readFile(join(folder, uri)), uri, tileset.root.transform),
    }
    tiles.push(tile)
    for (const child of json.children ?? []) tile.children.push(await visit(child))
    return tile
  }
  if (tileset.root.content) await visit(tileset.root)
  return { tileset, tiles }
}

function readContent(glb: Buffer, tile: string, transform: number[]): Pick<ReadTile, 'features' | 'corners'> {
  if (glb.readUInt32LE(0) !== 0x46546c67 || glb.readUInt32LE(8) !== glb.length) throw new Error('no glTF')
  const textBytes = glb.readUInt32LE(12)
  const json: Json = JSON.parse(glb.toString('utf8', 20, 20 + textBytes))
  const bin = glb.subarray(28 + textBytes)
  const bytes = (view: number) => {
    const { byteOffset, byteLength } = json.bufferViews[view]
    // A copy starts at a multiple of eight.
    return Uint8Array.from(bin.subarray(byteOffset, byteOffset + byteLength)).buffer
  }
  const [primitive] = json.meshes[0].primitives
  const values = (accessor: number) => {
    const { componentType, bufferView } = json.accessors[accessor]
    return componentType === 5126 ? new Float32Array(bytes(bufferView)) : new Uint32Array(bytes(bufferView))
  }
  const [positions, ids, indices] = [
    values(primitive.attributes.POSITION),
    values(primitive.attributes._FEATURE_ID_0),
    values(primitive.indices),
  ]
  const [shiftX, shiftY, shiftZ] = json.nodes[0].translation
  const corners = Array.from(ids, (_, i): [number, number, number] => [
    positions[3 * i]! + shiftX,
    -(positions[3 * i + 2]! + shiftZ),
    positions[3 * i + 1]! + shiftY,
  ])
  const rows = tableRows(json.extensions.EXT_structural_metadata, bytes)
  const features = rows.map((properties): ReadFeature => ({ tile, drawn: [], properties }))
  for (const index of indices) features[ids[index]!]!.drawn.push(placed(corners[index]!, transform))
  return { features, corners }
}

function tableRows(
  { schema, propertyTables }: Json,
  bytes: (view: number) => ArrayBuffer,
): Record<string, unknown>[] {
  const [table] = propertyTables
  const declared: Json = schema.classes[table.class].properties
  return Array.from({ length: table.count }, (_, row) => {
    const entries = Object.entries(declared).flatMap(([key, { name, type, noData }]: [string, Json]) => {
      const { values, stringOffsets } = table.properties[key]
      if (type !== 'STRING') {
        const value = new Float64Array(bytes(values))[row]
        return value === noData ? [] : [[name, value]]
      }
      const offsets = new Uint32Array(bytes(stringOffsets))
      const text = Buffer.from(bytes(values)).toString('utf8', offsets[row], offsets[row + 1])
      return text === noData ? [] : [[name, text]]
    })
    return Object.fromEntries(entries)
  })
}

/** By a matrix whose columns stand behind each other. */
function placed([x, y, z]: readonly [number, number, number], m: number[]): [number, number, number] {
  return [0, 1, 2].map((row) => m[row]! * x + m[4 + row]! * y + m[8 + row]! * z + m[12 + row]!) as [
    number,
    number,
    number,
  ]
}
