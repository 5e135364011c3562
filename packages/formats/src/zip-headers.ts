// What the two headers of an entry, in the directory and before its bytes, may say; and that they say the same.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { dataView } from './little-endian.ts'
import type { ZipEntry } from './zip-directory.ts'
import { decodeEntryName } from './zip-names.ts'

const localSignature = 0x04034b50
/** Of a local header, without name and extra fields. */
export const localBytes = 30

const encrypted = 0x0001 | 0x0040 | 0x2000
export const utf8Names = 0x0800
const sizesFollow = 0x0008

export function methodOf(method: number, name: string): ZipEntry['method'] {
  if (method === 0) return 'stored'
  if (method === 8) return 'deflated'
  throw new FormatError('Unsupported', name, `expected an entry stored or deflated, got method ${method}`)
}

/** Only plain files and folders, not encrypted; a link may lead anywhere once somebody unpacks it. */
export function refuseSpecial(bytes: DataView, at: number, flags: number, name: string): void {
  if ((flags & encrypted) !== 0)
    throw new FormatError('Unsupported', name, 'expected an entry without encryption')
  if (bytes.getUint16(at + 34, true) !== 0) throw corrupt(name, 'an entry in this file', 'one in another')
  const kind = (bytes.getUint16(at + 40, true) & 0xf000) >> 12
  if (kind === 0xa)
    throw new FormatError('Unsupported', name, 'expected a file or folder, got a symbolic link')
  if (kind !== 0 && kind !== 0x8 && kind !== 0x4) {
    throw new FormatError('Unsupported', name, 'expected a file or folder, got a special file')
  }
  if (bytes.getUint32(at + 20, true) === 0xffffffff || bytes.getUint32(at + 24, true) === 0xffffffff) {
    throw new FormatError('Unsupported', name, 'expected an entry below 4 GB, got ZIP64')
  }
}

/** Every entry's bytes are its own, and the two places that describe it agree. */
export async function checkLocalHeaders(
  source: ByteSource,
  entries: readonly ZipEntry[],
  directoryOffset: number,
): Promise<ZipEntry[]> {
  const checked: ZipEntry[] = []
  for (const [i, entry] of entries.entries()) {
    const end = Math.min(entries[i + 1]?.offset ?? directoryOffset, directoryOffset)
    const place = entry.name
    if (entry.offset + localBytes > end)
      throw corrupt(place, 'bytes of its own', 'an entry that overlaps another')
    const header = dataView(await source.read(entry.offset, localBytes))
    if (header.getUint32(0, true) !== localSignature)
      throw corrupt(place, `a header at byte ${entry.offset}`, 'something else')
    const flags = header.getUint16(6, true)
    const nameBytes = header.getUint16(26, true)
    const headerBytes = localBytes + nameBytes + header.getUint16(28, true)
    if (entry.offset + headerBytes + entry.packedBytes > end) {
      throw corrupt(place, 'bytes of its own', 'an entry that overlaps another')
    }
    const nameHere = await source.read(entry.offset + localBytes, nameBytes)
    const name = decodeEntryName(nameHere, (flags & utf8Names) !== 0, place)
    if (name !== (entry.folder ? `${entry.name}/` : entry.name))
      throw corrupt(place, 'one name', `another one: ${name}`)
    const method = methodOf(header.getUint16(8, true), place)
    const agrees =
      (flags & sizesFollow) !== 0 ||
      (header.getUint32(14, true) === entry.crc32 &&
        header.getUint32(18, true) === entry.packedBytes &&
        header.getUint32(22, true) === entry.unpackedBytes)
    if (method !== entry.method || (flags & encrypted) !== 0 || !agrees) {
      throw corrupt(place, 'a header that agrees with the directory', 'one that does not')
    }
    checked.push({ ...entry, headerBytes })
  }
  return checked
}
