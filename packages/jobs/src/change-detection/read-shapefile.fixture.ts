// A reader of shapefiles of PointZ, written from ESRI's description (July 1998) and the layout of dBASE III tables.
import { readFile } from 'node:fs/promises'

export interface ReadShapefile {
  points: { x: number; y: number; z: number; values: Record<string, string | number | null> }[]
  prj: string | undefined
}

/** `path` without extension. */
export async function readShapefile(path: string): Promise<ReadShapefile> {
  const [shp, shx, dbf] = await Promise.all(['shp', 'shx', 'dbf'].map((kind) => readFile(`${path}.${kind}`)))
  const prj = await readFile(`${path}.prj`, 'utf8').catch(() => undefined)
  const encoding = await readFile(`${path}.cpg`, 'utf8')
  if (shp!.readInt32BE(0) !== 9994 || shp!.readInt32LE(32) !== 11 || encoding !== 'UTF-8')
    throw new Error('no PointZ in UTF-8')
  if (shp!.readInt32BE(24) * 2 !== shp!.length) throw new Error('the length is wrong')
  const rows = readDbf(dbf!)
  const count = (shx!.length - 100) / 8
  if (rows.length !== count) throw new Error(`${count} shapes, ${rows.length} rows`)
  const points = rows.map((values, i) => {
    const at = 2 * shx!.readInt32BE(100 + 8 * i)
    if (shp!.readInt32BE(at) !== i + 1 || shp!.readInt32LE(at + 8) !== 11) throw new Error(`record ${i}`)
    const [x, y, z] = [12, 20, 28].map((step) => shp!.readDoubleLE(at + step)) as [number, number, number]
    return { x, y, z, values }
  })
  return { points, prj }
}

function readDbf(dbf: Buffer): Record<string, string | number | null>[] {
  const [count, dataOffset, recordBytes] = [dbf.readUInt32LE(4), dbf.readUInt16LE(8), dbf.readUInt16LE(10)]
  const fields: { name: string; kind: string; at: number; width: number }[] = []
  let width = 1
  for (let at = 32; dbf[at] !== 0x0d; at += 32) {
    const name = dbf.toString('latin1', at, at + 11).split('\0')[0]!
    fields.push({ name, kind: dbf.toString('latin1', at + 11, at + 12), at: width, width: dbf[at + 16]! })
    width += dbf[at + 16]!
  }
  if (width !== recordBytes) throw new Error(`fields of ${width} bytes in records of ${recordBytes}`)
  return Array.from({ length: count }, (_, row) => {
    const start = dataOffset + row * recordBytes
    const entries = fields.map(({ name, kind, at, width }) => {
      const text = dbf.toString('utf8', start + at, start + at + width).trim()
      return [name, text === '' ? null : kind === 'N' ? Number(text) : text] as const
    })
    return Object.fromEntries(entries)
  })
}
