// A picture as PNG (W3C, third edition): 8 bits of red, green and blue, no filter.
import { writeFile } from 'node:fs/promises'
import { crc32, deflateSync } from 'node:zlib'

export async function writePng(path: string, rgb: Uint8Array, width: number, height: number): Promise<void> {
  const rows = Buffer.alloc(height * (1 + 3 * width))
  for (let row = 0; row < height; row++)
    rows.set(rgb.subarray(3 * width * row, 3 * width * (row + 1)), row * (1 + 3 * width) + 1)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  await writeFile(path, Buffer.concat([signature, ...parts]))
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}
