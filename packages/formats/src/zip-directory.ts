// The directory of a zip archive (APPNOTE 6.3), for archives of strangers: whatever could hide, escape or overlap is
// refused before a byte is unpacked. What it says of sizes is a claim; `zip-entry.ts` counts.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { checkEntryNames, decodeEntryName } from './zip-names.ts'

export interface ZipLimits {
  readonly mostEntries: number
  /** Sum of all entries, unpacked. */
  readonly mostBytes: number
  /** How many times larger than its packed bytes an entry above a megabyte, and the whole, may be. */
  readonly largestRatio: number
}

export interface ZipEntry {
  /** Separated by `/`, without `.`, `..` and empty segments; of a folder without the slash at its end. */
  readonly name: string
  readonly folder: boolean
  readonly method: 'stored' | 'deflated'
  readonly packedBytes: number
  readonly unpackedBytes: number
  readonly crc32: number
  /** Where its local header begins; `offset + headerBytes` is its first packed byte. */
  readonly offset: number
  readonly headerBytes: number
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
const localSignature = 0x04034b50
const endBytes = 22
const [entryBytes, localBytes] = [46, 30]
const longestComment = 0xffff
/** No directory of so many entries is larger: names of 1 KB each. */
const directoryBytesPerEntry = 2048

const encrypted = 0x0001 | 0x0040 | 0x2000
const utf8Names = 0x0800
const sizesFollow = 0x0008

/** Its entries in the order of their bytes. FormatError with the place at fault. */
export async function readZipDirectory(source: ByteSource, limits: ZipLimits): Promise<ZipEntry[]> {
  const end = await readEnd(source)
  if (end.entries > limits.mostEntries) {
    throw new FormatError(
      'Unsupported',
      'archive',
      `expected at most ${limits.mostEntries} entries, got ${end.entries}`,
    )
  }
  if (end.directoryBytes > limits.mostEntries * directoryBytesPerEntry) {
    throw corrupt('archive directory', `at most ${directoryBytesPerEntry} bytes an entry`, end.directoryBytes)
  }
  const directory = await source.read(end.directoryOffset, end.directoryBytes)
  const entries = readEntries(directory, end.entries, end.directoryOffset)
  checkEntryNames(entries)
  checkSizes(entries, limits)
  const inOrder = entries.sort((a, b) => a.offset - b.offset)
  return checkLocalHeaders(source, inOrder, end.directoryOffset)
}

async function readEnd(source: ByteSource) {
  const tailBytes = Math.min(source.sizeBytes, endBytes + longestComment)
  const tail = view(await source.read(source.sizeBytes - tailBytes, tailBytes))
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

function checkEnd(end: DataView, position: number) {
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

function readEntries(directory: Uint8Array, count: number, directoryOffset: number): ZipEntry[] {
  const bytes = view(directory)
  const entries: ZipEntry[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const place = `byte ${directoryOffset + at}`
    if (at + entryBytes > directory.length || bytes.getUint32(at, true) !== entrySignature) {
      throw corrupt(place, `entry ${i + 1} of ${count} of the directory`, 'something else')
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((of) =>
      bytes.getUint16(at + of, true),
    ) as [number, number, number]
    const next = at + entryBytes + nameBytes + extraBytes + commentBytes
    if (next > directory.length) throw corrupt(place, 'an entry inside the directory', 'one that is longer')
    const flags = bytes.getUint16(at + 8, true)
    const path = decodeEntryName(
      directory.subarray(at + entryBytes, at + entryBytes + nameBytes),
      (flags & utf8Names) !== 0,
      place,
    )
    refuseSpecial(bytes, at, flags, path)
    const folder = path.endsWith('/')
    entries.push({
      name: folder ? path.slice(0, -1) : path,
      folder,
      method: methodOf(bytes.getUint16(at + 10, true), path),
      crc32: bytes.getUint32(at + 16, true),
      packedBytes: bytes.getUint32(at + 20, true),
      unpackedBytes: bytes.getUint32(at + 24, true),
      offset: bytes.getUint32(at + 42, true),
      headerBytes: localBytes,
    })
    at = next
  }
  if (at !== directory.length) throw corrupt('archive directory', `${at} bytes`, directory.length)
  return entries
}

function methodOf(method: number, name: string): ZipEntry['method'] {
  if (method === 0) return 'stored'
  if (method === 8) return 'deflated'
  throw new FormatError('Unsupported', name, `expected an entry stored or deflated, got method ${method}`)
}

/** Only plain files and folders, not encrypted; a link may lead anywhere once somebody unpacks it. */
function refuseSpecial(bytes: DataView, at: number, flags: number, name: string): void {
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

function checkSizes(entries: readonly ZipEntry[], { mostBytes, largestRatio }: ZipLimits): void {
  let [packed, unpacked] = [0, 0]
  for (const { name, folder, packedBytes, unpackedBytes } of entries) {
    packed += packedBytes
    unpacked += unpackedBytes
    if (folder && unpackedBytes !== 0) throw corrupt(name, 'a folder without bytes', `${unpackedBytes} bytes`)
    checkRatio(name, packedBytes, unpackedBytes, largestRatio)
  }
  if (unpacked > mostBytes) {
    throw new FormatError(
      'Unsupported',
      'archive',
      `expected at most ${mostBytes} bytes unpacked, got ${unpacked}`,
    )
  }
  checkRatio('archive', packed, unpacked, largestRatio)
}

/** Small files may be packed well: half a megabyte of anything does no harm. */
export function checkRatio(
  place: string,
  packedBytes: number,
  unpackedBytes: number,
  largestRatio: number,
): void {
  if (unpackedBytes <= 1024 * 1024 || unpackedBytes <= packedBytes * largestRatio) return
  throw new FormatError(
    'Unsupported',
    place,
    `expected at most ${largestRatio} bytes for each packed one, got ${unpackedBytes} for ${packedBytes}`,
  )
}

/** Every entry's bytes are its own, and the two places that describe it agree. */
async function checkLocalHeaders(
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
    const header = view(await source.read(entry.offset, localBytes))
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

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
