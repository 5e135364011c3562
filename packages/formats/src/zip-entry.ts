// The bytes of one entry of a zip archive, unpacked and counted: it is neither longer nor other than the directory says.
import { Readable, pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import type { ByteSource } from './byte-source.ts'
import { corrupt } from './format-error.ts'
import type { ZipEntry } from './zip-directory.ts'

const rangeBytes = 1024 * 1024

/** Piece by piece; FormatError at the first byte too many, and at the end where bytes are missing or changed. */
export async function* readZipEntry(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let [bytes, sum] = [0, 0]
  for await (const piece of entry.method === 'stored' ? packed(source, entry) : inflated(source, entry)) {
    bytes += piece.length
    if (bytes > entry.unpackedBytes) {
      throw corrupt(entry.name, `${entry.unpackedBytes} bytes, as the directory says`, 'more')
    }
    sum = crc32(piece, sum)
    yield piece
  }
  if (bytes !== entry.unpackedBytes) {
    throw corrupt(entry.name, `${entry.unpackedBytes} bytes, as the directory says`, bytes)
  }
  if (sum !== entry.crc32)
    throw corrupt(entry.name, 'bytes with the checksum of the directory', 'other bytes')
}

async function* packed(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const start = entry.offset + entry.headerBytes
  for (let done = 0; done < entry.packedBytes; done += rangeBytes) {
    yield await source.read(start + done, Math.min(rangeBytes, entry.packedBytes - done))
  }
}

async function* inflated(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw()
  const bytes = Readable.from(packed(source, entry))
  // What goes wrong in either is thrown by the loop below.
  pipeline(bytes, inflate, () => undefined)
  try {
    for await (const piece of inflate) yield piece as Uint8Array
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code !== 'Z_DATA_ERROR' && code !== 'Z_BUF_ERROR') throw error
    throw corrupt(entry.name, 'deflated bytes', (error as Error).message, { cause: error })
  } finally {
    bytes.destroy()
    inflate.destroy()
  }
  if (inflate.bytesWritten !== entry.packedBytes) {
    throw corrupt(entry.name, `${entry.packedBytes} packed bytes`, `${inflate.bytesWritten} before their end`)
  }
}
