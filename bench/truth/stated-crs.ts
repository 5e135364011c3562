// The system that a survey is in, written into files that do not name it.
import { open, readFile, writeFile } from 'node:fs/promises'

const [vlrHeaderBytes, bytesOfUserId] = [54, 16]

/** Copies the records of a LAS or LAZ file that name its system into others, which name none. */
export async function stateCrs(paths: readonly string[], ofPath: string): Promise<void> {
  const records = await systemRecords(ofPath)
  for (const path of paths) await insertRecords(path, records)
}

/** The variable length records of LASF_Projection. */
async function systemRecords(path: string): Promise<Buffer[]> {
  const file = await open(path)
  try {
    const { buffer: header } = await file.read(Buffer.alloc(227), 0, 227, 0)
    const [first, points, count] = [
      header.readUInt16LE(94),
      header.readUInt32LE(96),
      header.readUInt32LE(100),
    ]
    const { buffer } = await file.read(Buffer.alloc(points - first), 0, points - first, first)
    const records: Buffer[] = []
    for (let at = 0, k = 0; k < count; k++) {
      const end = at + vlrHeaderBytes + buffer.readUInt16LE(at + 20)
      if (userIdOf(buffer, at) === 'LASF_Projection') records.push(buffer.subarray(at, end))
      at = end
    }
    return records
  } finally {
    await file.close()
  }
}

function userIdOf(buffer: Buffer, at: number): string {
  return buffer.toString('latin1', at + 2, at + 2 + bytesOfUserId).replace(/\0.*$/, '')
}

/** Right behind the header: everything else moves, and with it what points to places in the file. */
async function insertRecords(path: string, records: readonly Buffer[]): Promise<void> {
  const bytes = await readFile(path)
  const [headerBytes, points] = [bytes.readUInt16LE(94), bytes.readUInt32LE(96)]
  const moved = records.reduce((sum, { length }) => sum + length, 0)
  bytes.writeUInt32LE(points + moved, 96)
  bytes.writeUInt32LE(bytes.readUInt32LE(100) + records.length, 100)
  if (bytes[25]! >= 4 && bytes.readBigUInt64LE(235) > 0n)
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(235) + BigInt(moved), 235)
  const isCompressed = (bytes[104]! & 0x80) !== 0
  // LAZ points begin with the place of the table of their chunks.
  if (isCompressed && bytes.readBigInt64LE(points) >= 0n)
    bytes.writeBigInt64LE(bytes.readBigInt64LE(points) + BigInt(moved), points)
  await writeFile(path, [bytes.subarray(0, headerBytes), ...records, bytes.subarray(headerBytes)])
}
