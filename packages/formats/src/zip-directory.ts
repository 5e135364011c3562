// The directory of a zip archive (APPNOTE 6.3), for archives of strangers: whatever could hide, escape or overlap is
// refused before a byte is unpacked. What it says of sizes is a claim; `zip-entry.ts` counts.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { dataView } from './little-endian.ts'
import { readZipEnd } from './zip-end.ts'
import { checkLocalHeaders, localBytes, methodOf, refuseSpecial, utf8Names } from './zip-headers.ts'
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

const entrySignature = 0x02014b50
const entryBytes = 46
/** No directory of so many entries is larger: names of 1 KB each. */
const directoryBytesPerEntry = 2048

/** Its entries in the order of their bytes. FormatError with the place at fault. */
export async function readZipDirectory(source: ByteSource, limits: ZipLimits): Promise<ZipEntry[]> {
  const end = await readZipEnd(source)
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

function readEntries(directory: Uint8Array, count: number, directoryOffset: number): ZipEntry[] {
  const bytes = dataView(directory)
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
function checkRatio(place: string, packedBytes: number, unpackedBytes: number, largestRatio: number): void {
  if (unpackedBytes <= 1024 * 1024 || unpackedBytes <= packedBytes * largestRatio) return
  throw new FormatError(
    'Unsupported',
    place,
    `expected at most ${largestRatio} bytes for each packed one, got ${unpackedBytes} for ${packedBytes}`,
  )
}
