// The tools of the makers of 3D Tiles walk through a tileset, the validator of glTF and another reader of glTF take its
// contents; none of them shares a line with our writer.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crsFromDefinition, type TiledFeatures, write3DTiles } from '../../packages/formats/src/index.ts'
import { temporaryFolder } from '../../packages/formats/src/las.fixture.ts'
import { rowsOfSoundTileset, validateGlb } from './sound-tilesets.ts'

const crs = crsFromDefinition('EPSG:32632')
const at = (x: number, y: number, z: number): [number, number, number] => [
  500_300 + x,
  5_400_200 + y,
  101 + z,
]

const ring = (low: number, high: number) =>
  [[low, low], [high, low], [high, high], [low, high], [low, low]].map(([x, y]) => at(x!, y!, 3)) // biome-ignore format: corners
const label = (i: number) => ({
  id: `feature ${i}`,
  label: i % 2 === 0 ? 'Grube Süd' : 'pile',
  confidence: i / 4096,
})
const sets: Record<string, TiledFeatures> = {
  boxes: {
    objects: Array.from({ length: 3000 }, (_, i) => ({
      center: at((i % 60) * 20, Math.floor(i / 60) * 20, 0),
      size: [2 + (i % 5), 1, 1],
      properties: label(i),
    })),
  },
  lines: {
    lines: Array.from({ length: 900 }, (_, i) => ({
      lines: [[at(i, 0, 0), at(i, 5, 1), at(i + 1, 9, 1)]],
      properties: label(i),
    })),
  },
  areas: {
    polygons: Array.from({ length: 900 }, (_, i) => ({
      polygons: [[ring(30 * i, 30 * i + 20), ring(30 * i + 2, 30 * i + 4)]],
      properties: label(i),
    })),
  },
}

test.each(Object.entries(sets))(
  '%s: the tileset is walked through, every content is sound, every feature has its row',
  async (_, features) => {
    const folder = await temporaryFolder()
    await write3DTiles(folder, features, { crs, mostPerTile: 400 })
    const { tileCount, rows } = await rowsOfSoundTileset(folder)
    expect(tileCount).toBeGreaterThan(2)
    const ids = rows.map(({ id, label, confidence }) => {
      const number = Number(String(id).split(' ')[1])
      expect({ label, confidence }).toEqual({
        label: number % 2 === 0 ? 'Grube Süd' : 'pile',
        confidence: number / 4096,
      })
      return number
    })
    const count = Object.values(features)[0].length
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
  },
)

test('a damaged content is seen, so that the others are known to be looked at', async () => {
  const folder = await temporaryFolder()
  await write3DTiles(folder, sets.boxes!, { crs })
  const glb = await readFile(join(folder, 'tiles/r.glb'))
  // The last corner of the first triangle.
  const json = JSON.parse(glb.toString('utf8', 20, 20 + glb.readUInt32LE(12)))
  const indices = json.accessors[json.meshes[0].primitives[0].indices].bufferView
  glb.writeUInt32LE(0xfffffff0, 28 + glb.readUInt32LE(12) + json.bufferViews[indices].byteOffset + 8)
  expect((await validateGlb(glb)).numErrors).toBeGreaterThan(0)
})
