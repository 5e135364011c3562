// Zip archives for tests, and such as no packer makes: every number can be made a lie.
import { crc32, deflateRawSync } from 'node:zlib'

export interface FixtureEntry {
  name: string | Uint8Array
  data: Uint8Array | string
  stored?: boolean
  /** Bits of the general purpose flag; default UTF-8 names. */
  flags?: number
  method?: number
  /** Unix mode, e.g. 0o120777 for a symbolic link. */
  mode?: number
  /** What the directory claims instead of what is true; `offset` moves where it says the entry begins. */
  claim?: Partial<{ crc32: number; packed: number; unpacked: number; offset: number; name: string }>
  /** What the local header claims, where it is other than the directory. */
  local?: Partial<{ crc32: number; packed: number; unpacked: number; name: string; method: number }>
  /** The bytes that follow the local header instead of packed data. */
  packedBytes?: Uint8Array
}

export interface FixtureArchive {
  comment?: string
  /** What the end of the directory claims. */
  claim?: Partial<{
    entries: number
    onDisk: number
    directoryBytes: number
    directoryOffset: number
    disk: number
  }>
  before?: Uint8Array
  after?: Uint8Array
}

export function zip(entries: readonly FixtureEntry[], archive: FixtureArchive = {}): Uint8Array {
  const before = archive.before ?? new Uint8Array(0)
  const local: Uint8Array[] = [before]
  const directory: Uint8Array[] = []
  let offset = before.length
  for (const entry of entries) {
    const data = typeof entry.data === 'string' ? Buffer.from(entry.data) : entry.data
    const packed = entry.packedBytes ?? (entry.stored === true ? data : deflateRawSync(data))
    const method = entry.method ?? (entry.stored === true ? 0 : 8)
    const truth = {
      crc32: crc32(data),
      packed: packed.length,
      unpacked: data.length,
      offset,
      name: entry.name,
    }
    const here = { ...truth, ...entry.claim, method, ...entry.local }
    const { flags = 0x0800 } = entry
    const header = localHeader({ ...here, flags })
    local.push(header, packed)
    directory.push(directoryEntry({ ...truth, ...entry.claim, method, flags, mode: entry.mode ?? 0 }))
    offset += header.length + packed.length
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0)
  const counted = {
    entries: entries.length,
    directoryBytes,
    directoryOffset: offset,
    disk: 0,
    ...archive.claim,
  }
  const end = endOfDirectory({ onDisk: counted.entries, ...counted, comment: archive.comment ?? '' })
  return Buffer.concat([...local, ...directory, end, archive.after ?? new Uint8Array(0)])
}

interface Sizes {
  crc32: number
  packed: number
  unpacked: number
}

function localHeader(of: Sizes & { name: string | Uint8Array; method: number; flags: number }): Uint8Array {
  const name = Buffer.from(of.name as string)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(of.flags, 6)
  header.writeUInt16LE(of.method, 8)
  header.writeUInt32LE(of.crc32, 14)
  header.writeUInt32LE(of.packed, 18)
  header.writeUInt32LE(of.unpacked, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, name])
}

function directoryEntry(
  of: Sizes & { name: string | Uint8Array; method: number; flags: number; mode: number; offset: number },
): Uint8Array {
  const name = Buffer.from(of.name as string)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(0x0314, 4)
  entry.writeUInt16LE(20, 6)
  entry.writeUInt16LE(of.flags, 8)
  entry.writeUInt16LE(of.method, 10)
  entry.writeUInt32LE(of.crc32, 16)
  entry.writeUInt32LE(of.packed, 20)
  entry.writeUInt32LE(of.unpacked, 24)
  entry.writeUInt16LE(name.length, 28)
  entry.writeUInt32LE(of.mode * 0x10000, 38)
  entry.writeUInt32LE(of.offset, 42)
  return Buffer.concat([entry, name])
}

function endOfDirectory(of: {
  entries: number
  onDisk: number
  directoryBytes: number
  directoryOffset: number
  disk: number
  comment: string
}): Uint8Array {
  const comment = Buffer.from(of.comment)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(of.disk, 4)
  end.writeUInt16LE(of.onDisk, 8)
  end.writeUInt16LE(of.entries, 10)
  end.writeUInt32LE(of.directoryBytes, 12)
  end.writeUInt32LE(of.directoryOffset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([end, comment])
}
