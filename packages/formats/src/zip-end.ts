// The end of a zip archive, from which it is read: how many entries there are and where their directory lies.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { dataView } from './little-endian.ts'

export interface ZipEnd {
  readonly entries: number
  readonly directoryBytes: number
  readonly directoryOffset: number
}

const endSignature = 0x06054b50
const endBytes = 22
const longestComment = 0xffff

export async function readZipEnd(source: ByteSource): Promise<ZipEnd> {
  const tailBytes = Math.min(source.sizeBytes, endBytes + longestComment)
  const tail = dataView(await source.read(source.sizeBytes - tailBytes, tailBytes))
  for (let at = tailBytes - endBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue
    // The comment has to end where the file does, so that there is one reading of it only.
    if (at + endBytes + tail.getUint16(at + 20, true) !== tailBytes) continue
    const position = source.sizeBytes - tailBytes + at
    return checkEnd(new DataView(tail.buffer, tail.byteOffset + at, endBytes), position)
  }
  throw corrupt(
    'archive',
    'the end of a zip directory',
    'none: the file is cut, or something follows the archive',
  )
}

function checkEnd(end: DataView, position: number): ZipEnd {
  const [disk, startDisk, onDisk, entries] = [4, 6, 8, 10].map((at) => end.getUint16(at, true)) as number[]
  const directoryBytes = end.getUint32(12, true)
  const directoryOffset = end.getUint32(16, true)
  if (entries === 0xffff || directoryBytes === 0xffffffff || directoryOffset === 0xffffffff) {
    throw new FormatError('Unsupported', `byte ${position}`, 'expected a zip archive below 4 GB, got ZIP64')
  }
  if (disk !== 0 || startDisk !== 0 || onDisk !== entries) {
    throw new FormatError(
      'Unsupported',
      `byte ${position}`,
      'expected an archive in one file, got a part of several',
    )
  }
  if (directoryOffset + directoryBytes !== position) {
    throw corrupt(
      `byte ${position}`,
      'a directory that ends here',
      `one of ${directoryBytes} bytes at ${directoryOffset}`,
    )
  }
  return { entries: entries!, directoryBytes, directoryOffset }
}
