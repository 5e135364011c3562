// The tools of the makers of 3D Tiles, as far as we ask them; they declare types of their own only where installed.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

type Json = Readonly<Record<string, unknown>>
type Row = { getPropertyValue(key: string): unknown }
interface TilesTools {
  ResourceResolvers: { createFileResourceResolver(folder: string): unknown }
  TilesetTraverser: new (
    base: string,
    resolver: unknown,
  ) => {
    traverse(
      tileset: Json,
      seen: (tile: { getFinalContents(): { uri: string }[] }) => Promise<boolean>,
    ): Promise<void>
  }
  BinaryPropertyTableModel: new (table: Json) => { getMetadataEntityModel(row: number): Row }
}

// Not at import time: without them the other tests of this folder run all the same.
const tools = (): TilesTools => createRequire(import.meta.url)('3d-tiles-tools')

/** Of the contents of all tiles that the tools find on their way from the root. */
export async function tileUris(folder: string): Promise<string[]> {
  const tileset: Json = JSON.parse(await readFile(join(folder, 'tileset.json'), 'utf8'))
  const { TilesetTraverser, ResourceResolvers } = tools()
  const uris: string[] = []
  await new TilesetTraverser(folder, ResourceResolvers.createFileResourceResolver(folder)).traverse(
    tileset,
    async (tile) => {
      uris.push(...tile.getFinalContents().map(({ uri }) => uri))
      return true
    },
  )
  return uris
}

interface Gltf {
  bufferViews: { byteOffset: number; byteLength: number }[]
  extensions: {
    EXT_structural_metadata: {
      schema: { classes: Record<string, { properties: Record<string, { name: string }> }> }
      propertyTables: { class: string; count: number }[]
    }
  }
}

/** The rows of the table in a binary glTF, by the names that its properties have for people. */
export async function readStructuralMetadata(glb: Buffer): Promise<Record<string, unknown>[]> {
  const textBytes = glb.readUInt32LE(12)
  const gltf: Gltf = JSON.parse(glb.toString('utf8', 20, 20 + textBytes))
  const buffer = glb.subarray(28 + textBytes)
  const { schema, propertyTables } = gltf.extensions.EXT_structural_metadata
  const [propertyTable] = propertyTables
  const metadataClass = schema.classes[propertyTable!.class]!
  const { BinaryPropertyTableModel } = tools()
  const model = new BinaryPropertyTableModel({
    propertyTable,
    binaryMetadata: {
      metadataClass,
      binaryEnumInfo: { enumValueTypes: {}, enumValueNameValues: {}, enumValueValueNames: {} },
      binaryBufferStructure: { buffers: [{ byteLength: buffer.length }], bufferViews: gltf.bufferViews },
      binaryBufferData: {
        buffersData: [buffer],
        bufferViewsData: gltf.bufferViews.map(({ byteOffset, byteLength }) =>
          buffer.subarray(byteOffset, byteOffset + byteLength),
        ),
      },
    },
  })
  return Array.from({ length: propertyTable!.count }, (_, i) => {
    const row = model.getMetadataEntityModel(i)
    return Object.fromEntries(
      Object.entries(metadataClass.properties).map(([key, { name }]) => [name, row.getPropertyValue(key)]),
    )
  })
}
