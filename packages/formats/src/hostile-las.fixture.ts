// LAS and LAZ files that lie, made by hand: each with the code and the place that its refusal has to name.
import type { FormatErrorCode } from './format-error.ts'
import { encodeExtraBytesField } from './las-extra-bytes.ts'
import { encodeLas } from './las.fixture.ts'
import type { LasFixture } from './las.fixture.ts'
import { copcAt, encodeCopc, pageEntry } from './hostile-copc.fixture.ts'
import { encodeLaz, tableAt } from './hostile-laz.fixture.ts'
import { encodeVersion } from './las-versions.fixture.ts'

export type HostileFile = {
  name: string
  bytes: () => Uint8Array
  code: FormatErrorCode
  place: string
}

const points: LasFixture['points'] = [[-100, 200, 5], [300, -400, 7], [0, 0, -2]] // biome-ignore format: one line
const headBytes = 375
const recordBytes = 30
const [vlrHead, evlrHead] = [54, 60]

type Damage = (bytes: Buffer) => void
const u8 =
  (at: number, value: number): Damage =>
  (bytes) =>
    void bytes.writeUInt8(value, at)
const u16 =
  (at: number, value: number): Damage =>
  (bytes) =>
    void bytes.writeUInt16LE(value, at)
const u32 =
  (at: number, value: number): Damage =>
  (bytes) =>
    void bytes.writeUInt32LE(value, at)
const u64 =
  (at: number, value: bigint): Damage =>
  (bytes) =>
    void bytes.writeBigUInt64LE(value, at)
const f64 =
  (at: number, value: number): Damage =>
  (bytes) =>
    void bytes.writeDoubleLE(value, at)

function las(fixture: Partial<LasFixture>, ...damages: Damage[]): () => Uint8Array {
  return () => {
    const bytes = Buffer.from(encodeLas({ minor: 4, pointFormat: 6, points, ...fixture }))
    for (const damage of damages) damage(bytes)
    return bytes
  }
}

type Case = [name: string, bytes: () => Uint8Array, code: FormatErrorCode, place: string]

const otherFiles: Case[] = [
  ['an empty file', () => new Uint8Array(0), 'NotAPointCloud', 'byte 0'],
  [
    'a photo',
    () => Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'),
    'NotAPointCloud',
    'byte 0',
  ],
  ['an archive', () => Buffer.from('504b0304140000000800', 'hex'), 'NotAPointCloud', 'byte 0'],
  ['a letter', () => Buffer.from('Dear surveyor,'.repeat(100)), 'NotAPointCloud', 'byte 0'],
  ['four good bytes and nothing else', () => Buffer.from('LASF'), 'Corrupt', 'byte 0'],
  ['a file cut in its header', () => las({})().subarray(0, 226), 'Corrupt', 'byte 0'],
  ['a file cut behind the header of LAS 1.2', () => las({})().subarray(0, 227), 'Corrupt', 'byte 94'],
  ['a file cut in its points', () => las({})().subarray(0, headBytes + 80), 'Corrupt', 'byte 247'],
]

const blocks: Case[] = [
  ['version 2.0', las({}, u8(24, 2)), 'Unsupported', 'byte 24'],
  ['version 1.5', las({}, u8(25, 5)), 'Unsupported', 'byte 24'],
  ['version 255.255', las({}, u16(24, 0xffff)), 'Unsupported', 'byte 24'],
  ['a header of no bytes', las({}, u16(94, 0)), 'Corrupt', 'byte 94'],
  ['a header of LAS 1.2 in LAS 1.4', las({}, u16(94, 227)), 'Corrupt', 'byte 94'],
  ['a header longer than the file', las({}, u16(94, 0xffff)), 'Corrupt', 'byte 94'],
  ['points at byte 0', las({}, u32(96, 0)), 'Corrupt', 'byte 96'],
  ['points inside the header', las({}, u32(96, 374)), 'Corrupt', 'byte 96'],
  ['points behind the file', las({}, u32(96, 0xffffffff)), 'Corrupt', 'byte 96'],
  ['point format 11', las({}, u8(104, 11)), 'Unsupported', 'byte 104'],
  ['point format 63', las({}, u8(104, 63)), 'Unsupported', 'byte 104'],
  ['records of no bytes', las({}, u16(105, 0)), 'Corrupt', 'byte 105'],
  ['records shorter than their format', las({}, u16(105, 29)), 'Corrupt', 'byte 105'],
  ['records longer than the file', las({}, u16(105, 0xffff)), 'Corrupt', 'byte 247'],
]

const counts: Case[] = [
  ['one point too many', las({}, u64(247, 4n)), 'Corrupt', 'byte 247'],
  ['10^12 points', las({}, u64(247, 10n ** 12n)), 'Corrupt', 'byte 247'],
  ['2^53 points', las({}, u64(247, 2n ** 53n)), 'Corrupt', 'byte 247'],
  ['2^64 - 1 points', las({}, u64(247, 2n ** 64n - 1n)), 'Corrupt', 'byte 247'],
  [
    '4 thousand million points in LAS 1.2',
    las({ minor: 2, pointFormat: 0 }, u32(107, 0xffffffff)),
    'Corrupt',
    'byte 107',
  ],
  ['points only the old field counts', las({}, u64(247, 0n), u32(107, 0xffffffff)), 'Corrupt', 'byte 107'],
]

const coordinates: Case[] = [
  ['a scale of zero', las({}, f64(131, 0)), 'Corrupt', 'byte 131'],
  ['a scale below zero', las({}, f64(139, -0.01)), 'Corrupt', 'byte 139'],
  ['a scale that is no number', las({}, f64(147, Number.NaN)), 'Corrupt', 'byte 147'],
  ['an infinite scale', las({}, f64(131, Infinity)), 'Corrupt', 'byte 131'],
  ['a scale that makes coordinates overflow', las({}, f64(139, 1e300)), 'Corrupt', 'byte 139'],
  ['a scale next to zero', las({}, f64(131, 5e-324)), 'Corrupt', 'byte 179'],
  ['an offset that is no number', las({}, f64(155, Number.NaN)), 'Corrupt', 'byte 155'],
  ['an infinite offset', las({}, f64(171, -Infinity)), 'Corrupt', 'byte 171'],
  ['an offset that makes coordinates overflow', las({}, f64(163, 1.7e308)), 'Corrupt', 'byte 139'],
  ['bounds that are no number', las({}, f64(195, Number.NaN)), 'Corrupt', 'byte 195'],
  ['infinite bounds', las({}, f64(179, Infinity)), 'Corrupt', 'byte 179'],
  ['a minimum above the maximum in x', las({}, f64(187, 1e6)), 'Corrupt', 'byte 179'],
  ['a minimum above the maximum in y', las({}, f64(203, 1e6)), 'Corrupt', 'byte 195'],
  ['a minimum above the maximum in z', las({}, f64(219, 1e6)), 'Corrupt', 'byte 211'],
  ['bounds that no stored coordinate reaches', las({}, f64(179, 1e11)), 'Corrupt', 'byte 179'],
]

const record = (bytes: number, userId = 'x', recordId = 1) => ({
  userId,
  recordId,
  data: new Uint8Array(bytes),
})
const evlrs = [record(10), record(20)]
/** Where the EVLRs of a file of three points start. */
const evlrAt = headBytes + 3 * recordBytes
const secondEvlr = evlrAt + evlrHead + 10

const records: Case[] = [
  ['2^32 - 1 VLRs', las({}, u32(100, 0xffffffff)), 'Corrupt', 'byte 100'],
  ['a VLR in a file without room for one', las({}, u32(100, 1)), 'Corrupt', 'byte 100'],
  [
    'a VLR that runs into the points',
    las({ vlrs: [record(10)] }, u16(headBytes + 20, 11)),
    'Corrupt',
    `byte ${headBytes + 20}`,
  ],
  [
    'a VLR of 65,535 bytes',
    las({ vlrs: [record(10)] }, u16(headBytes + 20, 0xffff)),
    'Corrupt',
    `byte ${headBytes + 20}`,
  ],
  [
    'a second VLR that starts in the points',
    las({ vlrs: [record(vlrHead)] }, u32(100, 2)),
    'Corrupt',
    `byte ${headBytes + 2 * vlrHead}`,
  ],
  ['5,000 VLRs', las({ vlrs: Array.from({ length: 5000 }, () => record(0)) }), 'Unsupported', 'byte 100'],
  ['an EVLR behind the file', las({ evlrs }, u64(235, 10n ** 9n)), 'Corrupt', 'byte 235'],
  ['an EVLR at byte 2^63', las({ evlrs }, u64(235, 2n ** 63n)), 'Corrupt', 'byte 235'],
  ['an EVLR that is the header itself', las({ evlrs }, u64(235, 0n)), 'Corrupt', 'byte 235'],
  ['an EVLR inside the points', las({ evlrs }, u64(235, BigInt(headBytes))), 'Corrupt', 'byte 235'],
  ['2^32 - 1 EVLRs', las({ evlrs }, u32(243, 0xffffffff)), 'Corrupt', 'byte 235'],
  ['5,000 EVLRs', las({ evlrs: Array.from({ length: 5000 }, () => record(0)) }), 'Unsupported', 'byte 243'],
  ['an EVLR of 2^40 bytes', las({ evlrs }, u64(evlrAt + 20, 2n ** 40n)), 'Corrupt', `byte ${evlrAt + 20}`],
  [
    'an EVLR of 2^64 - 1 bytes',
    las({ evlrs }, u64(evlrAt + 20, 2n ** 64n - 1n)),
    'Corrupt',
    `byte ${evlrAt + 20}`,
  ],
  [
    'an EVLR that ends in the next one',
    las({ evlrs }, u64(evlrAt + 20, 60n)),
    'Corrupt',
    `byte ${secondEvlr + 50}`,
  ],
  [
    'a second EVLR that is cut off',
    () => las({ evlrs })().subarray(0, secondEvlr + 50),
    'Corrupt',
    `byte ${secondEvlr}`,
  ],
]

const described = (...types: ('float64' | 'uint8')[]) => ({
  userId: 'LASF_Spec',
  recordId: 4,
  data: Buffer.concat(types.map((type) => encodeExtraBytesField({ name: 'a', description: '', type }))),
})
const extraBytes: Case[] = [
  [
    'half a description of extra bytes',
    las({ extra: 8, vlrs: [record(191, 'LASF_Spec', 4)] }),
    'Corrupt',
    'extra bytes VLR',
  ],
  [
    'extra bytes of type 31',
    las({ extra: 8, vlrs: [described('uint8')] }, u8(headBytes + vlrHead + 2, 31)),
    'Corrupt',
    'extra bytes VLR',
  ],
  [
    'extra bytes beyond the record',
    las({ extra: 7, vlrs: [described('float64')] }),
    'Corrupt',
    'extra bytes VLR',
  ],
  [
    'extra bytes of a record that has none',
    las({ vlrs: [described('uint8')] }),
    'Corrupt',
    'extra bytes VLR',
  ],
  [
    '255 bytes without a type in a record of 8 more',
    las(
      { extra: 8, vlrs: [described('uint8')] },
      u8(headBytes + vlrHead + 2, 0),
      u8(headBytes + vlrHead + 3, 255),
    ),
    'Corrupt',
    'extra bytes VLR',
  ],
]

/** LAS 1.3 of format 4 with waveforms behind its points, of 57 bytes each. */
function waveforms(...damages: Damage[]): () => Uint8Array {
  return () => {
    const data = new Uint8Array(100)
    const { bytes } = encodeVersion({
      minor: 3,
      pointFormat: 4,
      pointCount: 3,
      globalEncoding: 2,
      waveforms: data,
    })
    for (const damage of damages) damage(bytes)
    return bytes
  }
}
const waveformsAt = 235 + 3 * 57
const waveformRecords: Case[] = [
  ['waveforms inside the points', waveforms(u64(227, 300n)), 'Corrupt', 'byte 227'],
  ['waveforms in the header', waveforms(u64(227, 1n)), 'Corrupt', 'byte 227'],
  ['waveforms behind the file', waveforms(u64(227, 10n ** 9n)), 'Corrupt', 'byte 227'],
  ['waveforms at byte 2^64 - 1', waveforms(u64(227, 2n ** 64n - 1n)), 'Corrupt', 'byte 227'],
  ['waveforms of 2^40 bytes', waveforms(u64(waveformsAt + 20, 2n ** 40n)), 'Corrupt', `byte ${waveformsAt + 20}`],
  ['waveforms cut off', () => waveforms()().subarray(0, -1), 'Corrupt', `byte ${waveformsAt + 20}`],
] // biome-ignore format: one line each

const lazHeads: Case[] = [
  ['a file only called compressed', las({}, u8(104, 0x80 | 6)), 'Corrupt', 'LASzip VLR'],
  ['a LASzip VLR of 33 bytes', encodeLaz({ vlrBytes: 33 }), 'Corrupt', 'LASzip VLR'],
  ['compressor 0', encodeLaz({ compressor: 0 }), 'Unsupported', 'LASzip VLR'],
  ['compressor 4', encodeLaz({ compressor: 4 }), 'Unsupported', 'LASzip VLR'],
  ['a coder that nobody has', encodeLaz({ coder: 1 }), 'Unsupported', 'LASzip VLR'],
  ['65,535 items', encodeLaz({ itemCount: 0xffff }), 'Corrupt', 'LASzip VLR'],
  ['no items', encodeLaz({ items: [] }), 'Corrupt', 'LASzip VLR'],
  ['items of another format', encodeLaz({ items: [[6, 20, 2]] }), 'Corrupt', 'LASzip VLR'],
  ['the same item twice', encodeLaz({ items: [[10, 30, 3], [10, 30, 3]] }), 'Corrupt', 'LASzip VLR'], // biome-ignore format: one line
  ['extra bytes the record has no room for', encodeLaz({ items: [[10, 30, 3], [14, 500, 3]] }), 'Corrupt', 'LASzip VLR'], // biome-ignore format: one line
  ['an item of a version before 2010', encodeLaz({ items: [[10, 30, 1]] }), 'Unsupported', 'LASzip VLR'],
  ['chunks of no points', encodeLaz({ chunkPoints: 0 }), 'Corrupt', 'LASzip VLR'],
  ['a compressor of old formats', encodeLaz({ compressor: 2 }), 'Corrupt', 'LASzip VLR'],
  ['waveforms', encodeLaz({ pointFormat: 9, recordLength: 59 }), 'Unsupported', 'byte 104'],
  ['64 kB of extra bytes', encodeLaz({ recordLength: 0xffff, items: [[10, 30, 3], [14, 65505, 3]] }), 'Unsupported', 'byte 105'], // biome-ignore format: one line
  ['10^9 points in some hundred bytes', encodeLaz({ pointCount: 1e9 }), 'Corrupt', 'byte 247'],
]

const at = tableAt
const lazChunks: Case[] = [
  ['no bytes at all', encodeLaz({ data: Buffer.alloc(0) }), 'Corrupt', `byte ${at.data}`],
  ['a chunk table at byte 0', encodeLaz({ tableOffset: 0n }), 'Corrupt', `byte ${at.data}`],
  ['a chunk table behind the file', encodeLaz({ tableOffset: 2n ** 40n }), 'Corrupt', `byte ${at.data}`],
  ['a chunk table before the file', encodeLaz({ tableOffset: -2n }), 'Corrupt', `byte ${at.data}`],
  [
    'a chunk table told at the end, which is beyond it',
    encodeLaz({ tableOffset: -1n, tail: 2n ** 62n }),
    'Corrupt',
    `byte ${at.tail}`,
  ],
  ['a chunk table of version 1', encodeLaz({ tableVersion: 1 }), 'Unsupported', `byte ${at.table}`],
  ['2^32 - 1 chunks', encodeLaz({ chunkCount: 0xffffffff }), 'Corrupt', `byte ${at.table + 4}`],
  [
    '2^32 - 1 chunks of any size',
    encodeLaz({ chunkPoints: 0xffffffff, chunkCount: 0xffffffff }),
    'Corrupt',
    `byte ${at.table + 4}`,
  ],
  ['no chunks', encodeLaz({ chunkCount: 0 }), 'Corrupt', `byte ${at.table + 4}`],
  ['more points than its chunks have', encodeLaz({ pointCount: 50_001 }), 'Corrupt', `byte ${at.table + 4}`],
  ['a chunk of no bytes', encodeLaz({ coded: [0] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  ['a chunk shorter than a point', encodeLaz({ coded: [36] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  ['a chunk that runs into the table', encodeLaz({ coded: [76] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  ['a chunk of 2 GB', encodeLaz({ coded: [252] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  ['a chunk of -3 bytes', encodeLaz({ coded: [16] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  [
    'no points in a chunk that has bytes',
    encodeLaz({ chunkPoints: 0xffffffff, coded: [4] }),
    'Corrupt',
    `chunk 0 at byte ${at.chunk}`,
  ],
  [
    'a million points in a chunk of 197 bytes',
    encodeLaz({ pointCount: 1e6, chunkPoints: 1e6 }),
    'Corrupt',
    `chunk 0 at byte ${at.chunk}`,
  ],
  ['a single stream shorter than a point', encodeLaz({ pointFormat: 0, compressor: 1, items: [[6, 20, 2]], recordLength: 20, data: Buffer.alloc(12) }), 'Corrupt', `chunk 0 at byte ${at.data}`], // biome-ignore format: one line
  [
    'layers that do not fill their chunk',
    encodeLaz({ layers: [100] }),
    'Corrupt',
    `chunk 0 at byte ${at.chunk}`,
  ],
  ['a layer of 4 GB', encodeLaz({ layers: [0xffffffff] }), 'Corrupt', `chunk 0 at byte ${at.chunk}`],
  [
    'layers that overflow to the right sum',
    encodeLaz({ layers: [0xffffffff, 0xffffffff, 129 + 2] }),
    'Corrupt',
    `chunk 0 at byte ${at.chunk}`,
  ],
]

const page = copcAt.pages
const nodes = (count: number) => Array.from({ length: count }, () => ({}))
const copcs: Case[] = [
  ['an info VLR of 159 bytes', encodeCopc({ infoBytes: 159 }), 'Corrupt', 'COPC info VLR'],
  ['a cube without a size', encodeCopc({ halfSize: 0 }), 'Corrupt', 'COPC info VLR'],
  ['an infinite cube', encodeCopc({ halfSize: Infinity }), 'Corrupt', 'COPC info VLR'],
  ['a cube around no place', encodeCopc({ center: [Number.NaN, 0, 0] }), 'Corrupt', 'COPC info VLR'],
  ['a cube beside the points', encodeCopc({ center: [1009, 2000, 30] }), 'Corrupt', 'COPC info VLR'],
  ['a spacing below zero', encodeCopc({ spacing: -1 }), 'Corrupt', 'COPC info VLR'],
  ['a root page behind the file', encodeCopc({ rootOffset: 10n ** 12n }), 'Corrupt', 'COPC info VLR'],
  ['a root page at byte 2^64 - 1', encodeCopc({ rootOffset: 2n ** 64n - 1n }), 'Corrupt', 'COPC info VLR'],
  ['a root page of 2^63 bytes', encodeCopc({ rootBytes: 2n ** 63n }), 'Corrupt', 'COPC info VLR'],
  ['a root page of 2^40 bytes', encodeCopc({ rootBytes: 2n ** 40n }), 'Corrupt', 'COPC info VLR'],
  ['a root page of no bytes', encodeCopc({ rootBytes: 0n }), 'Corrupt', 'COPC info VLR'],
  ['a root page of a part of an entry', encodeCopc({ rootBytes: 31n }), 'Corrupt', 'COPC info VLR'],
  ['a page that leads to itself', encodeCopc({ pages: [[pageEntry([0, 0, 0, 0], 0, 1)]] }), 'Corrupt', `byte ${page}`],
  [
    'two pages that lead to each other',
    encodeCopc({ pages: [[pageEntry([0, 0, 0, 0], 1, 1)], [pageEntry([0, 0, 0, 0], 0, 1)]] }),
    'Corrupt',
    `byte ${page + 32}`,
  ],
  ['a page of 2 GB', encodeCopc({ pages: [[{ pointCount: -1, sizeBytes: 0x7fffffe0 }]] }), 'Corrupt', `byte ${page}`],
  ['a page of -32 bytes', encodeCopc({ pages: [[{ pointCount: -1, sizeBytes: -32 }]] }), 'Corrupt', `byte ${page}`],
  [
    'a chain of pages without nodes',
    encodeCopc({ pages: [1, 2, 3].map((next) => [pageEntry([0, 0, 0, 0], next, 1)]) }),
    'Corrupt',
    `byte ${page + 32}`,
  ],
  [
    'a page of nodes from elsewhere',
    encodeCopc({ pages: [[pageEntry([1, 0, 0, 0], 1, 1)], [{ key: [1, 1, 0, 0] }]] }),
    'Corrupt',
    `byte ${page + 32}`,
  ],
  ['a node on level 32', encodeCopc({ pages: [[{ key: [32, 0, 0, 0] }]] }), 'Corrupt', `byte ${page}`],
  ['a node on level -1', encodeCopc({ pages: [[{ key: [-1, 0, 0, 0] }]] }), 'Corrupt', `byte ${page}`],
  ['a node beside the cube', encodeCopc({ pages: [[{ key: [3, 8, 0, 0] }]] }), 'Corrupt', `byte ${page}`],
  ['a node before the cube', encodeCopc({ pages: [[{ key: [3, 0, -1, 0] }]] }), 'Corrupt', `byte ${page}`],
  ['a node of -2 points', encodeCopc({ pages: [[{ pointCount: -2 }]] }), 'Corrupt', `byte ${page}`],
  ['a node of 2^31 - 1 points', encodeCopc({ pages: [[{ pointCount: 0x7fffffff }]] }), 'Corrupt', `byte ${page}`],
  ['a node shorter than its chunk', encodeCopc({ pages: [[{ sizeBytes: 196 }]] }), 'Corrupt', `byte ${page}`],
  ['a node at byte 2^64 - 1', encodeCopc({ pages: [[{ offset: 2n ** 64n - 1n }]] }), 'Corrupt', `byte ${page}`],
  ['a node inside its chunk', encodeCopc({ pages: [[{ offset: BigInt(copcAt.chunk + 1) }]] }), 'Corrupt', `byte ${page}`],
  ['a thousand nodes of one chunk', encodeCopc({ pages: [nodes(1000)] }), 'Corrupt', `byte ${page + 32}`],
  ['a hierarchy without the only node', encodeCopc({ pages: [[{ pointCount: 0 }]] }), 'Corrupt', 'COPC hierarchy'],
] // biome-ignore format: one line each

export const hostileFiles: readonly HostileFile[] = [
  otherFiles,
  blocks,
  counts,
  coordinates,
  records,
  extraBytes,
  waveformRecords,
  lazHeads,
  lazChunks,
  copcs,
]
  .flat()
  .map(([name, bytes, code, place]) => ({ name, bytes, code, place }))
