// E57 files (ASTM E2807) are pages, each with a checksum at its end. Below that is one run of bytes, read here as a source
// of its own; every page that is touched is checked.
import type { ByteSource } from './byte-source.ts'
import { crc32c } from './crc32c.ts'
import { corrupt, FormatError } from './format-error.ts'
import { dataView, readUint64 } from './little-endian.ts'

export type E57Pages = {
  /** The bytes without the checksums; offsets are logical ones. */
  readonly bytes: ByteSource
  /** Where a place of the file lies in these bytes; FormatError unless it is one. */
  logicalOffset(physicalOffset: number, place: string): number
  /** Logical. */
  readonly xmlOffset: number
  readonly xmlBytes: number
}

const headerBytes = 48
const checksumBytes = 4
const [smallestPage, largestPage] = [64, 1024 * 1024]

export async function openE57Pages(source: ByteSource): Promise<E57Pages> {
  const head = await source.read(0, Math.min(headerBytes, source.sizeBytes))
  if (Buffer.from(head.subarray(0, 8)).toString('latin1') !== 'ASTM-E57') {
    const got =
      head.length === 0 ? 'an empty file' : `bytes ${Buffer.from(head.subarray(0, 8)).toString('hex')}`
    throw new FormatError('NotAPointCloud', 'byte 0', `expected an E57 file (ASTM-E57), got ${got}`)
  }
  if (head.length < headerBytes) throw corrupt('byte 0', `a header of ${headerBytes} bytes`, head.length)
  const view = dataView(head)
  if (view.getUint32(8, true) !== 1)
    throw new FormatError('Unsupported', 'byte 8', `expected version 1, got ${view.getUint32(8, true)}`)
  const fileBytes = readUint64(view, 16, 'byte 16')
  if (fileBytes !== source.sizeBytes)
    throw corrupt('byte 16', `a file of ${source.sizeBytes} bytes`, fileBytes)
  const pageBytes = readUint64(view, 40, 'byte 40')
  if (pageBytes < smallestPage || pageBytes > largestPage || fileBytes % pageBytes !== 0)
    throw corrupt(
      'byte 40',
      `pages of ${smallestPage} to ${largestPage} bytes that make up the file`,
      pageBytes,
    )
  const payload = pageBytes - checksumBytes
  const logicalBytes = (fileBytes / pageBytes) * payload
  const logicalOffset = (physicalOffset: number, place: string) => {
    const inPage = physicalOffset % pageBytes
    if (physicalOffset < headerBytes || physicalOffset >= fileBytes || inPage >= payload)
      throw corrupt(place, `a place inside the file of ${fileBytes} bytes`, physicalOffset)
    return Math.floor(physicalOffset / pageBytes) * payload + inPage
  }
  const xmlOffset = logicalOffset(readUint64(view, 24, 'byte 24'), 'byte 24')
  const xmlBytes = readUint64(view, 32, 'byte 32')
  if (xmlBytes > logicalBytes - xmlOffset)
    throw corrupt('byte 32', `at most ${logicalBytes - xmlOffset} bytes of XML`, xmlBytes)
  return { bytes: withoutChecksums(source, pageBytes, logicalBytes), logicalOffset, xmlOffset, xmlBytes }
}

function withoutChecksums(source: ByteSource, pageBytes: number, sizeBytes: number): ByteSource {
  const payload = pageBytes - checksumBytes
  return {
    sizeBytes,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > sizeBytes) {
        throw new RangeError(`expected a range inside ${sizeBytes} bytes, got ${length} bytes at ${offset}`)
      }
      const firstPage = Math.floor(offset / payload)
      const endPage = Math.ceil((offset + length) / payload)
      const pages = await source.read(firstPage * pageBytes, (endPage - firstPage) * pageBytes)
      const view = dataView(pages)
      const bytes = new Uint8Array(length)
      for (let page = firstPage; page < endPage; page++) {
        const at = (page - firstPage) * pageBytes
        const [stated, found] = [view.getUint32(at + payload, false), crc32c(pages, at, at + payload)]
        if (stated !== found)
          throw corrupt(`byte ${page * pageBytes}`, `a page with checksum ${hex(stated)}`, hex(found))
        const from = Math.max(0, offset - page * payload)
        const to = Math.min(payload, offset + length - page * payload)
        bytes.set(pages.subarray(at + from, at + to), page * payload + from - offset)
      }
      return bytes
    },
    close: () => source.close(),
  }
}

const hex = (value: number) => value.toString(16).padStart(8, '0')
