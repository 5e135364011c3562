// Readers of point clouds other than LAS: each mutant is read in both passes, to records, and surfaces are sampled.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { memorySource } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { layOutCloud } from './cloud-layout.ts'
import { encodeCloudRecords } from './cloud-records.ts'
import { surveyCloud } from './cloud-survey.ts'
import { stepsFor } from './convert-to-las.ts'
import { openE57 } from './e57-cloud.ts'
import { encodeE57, plainCrc32c } from './e57.fixture.ts'
import type { E57FixtureField } from './e57.fixture.ts'
import type { ForeignCloud, OpenCloudOptions } from './foreign-cloud.ts'
import type { FuzzReader } from './fuzz-reader.fixture.ts'
import { openGlb } from './glb-cloud.ts'
import { encodeGlb } from './glb.fixture.ts'
import { mutateBytes, mutateText } from './mutate.fixture.ts'
import { openObj } from './obj-cloud.ts'
import { openPly } from './ply-cloud.ts'
import { encodePly } from './ply.fixture.ts'
import type { PlyEncoding } from './ply.fixture.ts'
import { pointCloudFile } from './real-data.fixture.ts'
import { sampleCentres } from './sample-centres.fixture.ts'
import { openText } from './text-cloud.ts'

type Open = (source: ByteSource, options: OpenCloudOptions) => Promise<ForeignCloud>

function reading(open: Open): FuzzReader['read'] {
  return async (bytes) => {
    const cloud = await open(memorySource(bytes), { sampleMesh: sampleCentres, warn: () => {} })
    const survey = await surveyCloud(cloud, undefined, () => {})
    if (survey.pointCount === 0) return
    const layout = layOutCloud(cloud, survey)
    let pointCount = 0
    for await (const batch of cloud.batches(undefined)) {
      const records = new Uint8Array(batch.count * layout.recordLength)
      encodeCloudRecords(batch, layout, stepsFor(survey.min, survey.max), records)
      pointCount += batch.count
    }
    if (pointCount !== survey.pointCount) throw new Error('another number of points the second time')
  }
}

const text = (content: string) => new Uint8Array(Buffer.from(content))
const real = async (...names: string[]) =>
  Promise.all(
    names
      .map(pointCloudFile)
      .filter(existsSync)
      .map((path) => readFile(path)),
  )
const isText = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 40)).includes('format ascii')

const mesh = (encoding: PlyEncoding) =>
  encodePly(encoding, [
    { name: 'camera', properties: ['list uchar short weights', 'float view'], rows: [[[1, 2, 3], 4]] },
    {
      name: 'vertex',
      properties: ['double x', 'float y', 'short z', 'uchar red', 'uchar green', 'uchar blue', 'char label'],
      rows: Array.from({ length: 20 }, (_, i) => [i, (i * i) % 7, i % 3, i, 2 * i, 255 - i, -i]),
    },
    {
      name: 'face',
      properties: ['list uchar int vertex_indices'],
      rows: Array.from({ length: 17 }, (_, i) => [[i, i + 1, i + 2, (i * 5) % 20]]),
    },
  ])

const ply: FuzzReader = {
  samples: async () => [
    mesh('ascii'),
    mesh('binary_little_endian'),
    mesh('binary_big_endian'),
    encodePly('binary_little_endian', [
      {
        name: 'vertex',
        properties: ['float x', 'float y', 'float z', 'ushort intensity'],
        rows: Array.from({ length: 30 }, (_, i) => [i, -i, 2 * i, i]),
      },
    ]),
    ...(await real('formats/text_extradim.ply')),
  ],
  mutate: (sample, random) =>
    isText(sample) ? mutateText(sample, random) : mutateBytes(sample, 400, random),
  read: reading(openPly),
}

const obj: FuzzReader = {
  samples: async () => [
    text(
      '# a\nv 0 0 0 1 0 0\nv 3 0 0 0 1 0\nv 3 3 1 0 0 1\nv 0 3 1 1 1 1\nvn 0 0 1\nf 1//1 2//1 3//1 4//1\nf -1/1/1 -2/2/1 -3/3/1\n',
    ),
    text(Array.from({ length: 30 }, (_, i) => `vn 0 0 1\nv ${i} ${i / 3} -${i}e-1\n`).join('')),
  ],
  mutate: mutateText,
  read: reading(openObj),
}

const xyz: FuzzReader = {
  samples: async () => [
    text(Array.from({ length: 30 }, (_, i) => `${i}.125 ${i / 7} -${i} ${i} 255 0 ${i}\n`).join('')),
    text(`X,Y,Z,Intensity,class,other\n${'1.5,2.5,3.5,100,2,nan\n-1,2e3,.5,7,6,1\n'.repeat(10)}`),
    text(`//Z Y X\n2\n1;2;3\n4;5;6\n`),
    ...(await real('change/plane/plane_horizontal_t1.xyz')).map((bytes) =>
      bytes.subarray(0, bytes.indexOf('\n', 2000) + 1),
    ),
  ],
  mutate: mutateText,
  read: reading(openText),
}

function generatedE57(pageBytes: number): Uint8Array {
  const float = (name: string, single: boolean): E57FixtureField => ({ name, kind: 'Float', single })
  const fields: E57FixtureField[] = [
    ...['cartesianX', 'cartesianY', 'cartesianZ'].map((name, i) => float(name, i < 2)),
    { name: 'cartesianInvalidState', kind: 'Integer', minimum: 0n, maximum: 2n },
    { name: 'intensity', kind: 'ScaledInteger', minimum: -7n, maximum: 1000n, scale: 0.5, offset: 1 },
    { name: 'rowIndex', kind: 'Integer', minimum: 0n, maximum: 2n ** 33n },
  ]
  const rows = Array.from({ length: 40 }, (_, i) => [i, i / 2, -i, i % 3, i, i * 1000])
  const pose =
    '<pose type="Structure"><rotation type="Structure"><w type="Float">1</w><z type="Float">1</z></rotation></pose>'
  const scan = { fields, rows, recordsPerPacket: 7, otherPackets: true }
  return encodeE57({ scans: [scan, { ...scan, xml: pose }], pageBytes })
}

const e57: FuzzReader = {
  samples: async () => [
    generatedE57(1024),
    generatedE57(128),
    ...(await real('formats/A4.e57', 'formats/A_B.e57')),
  ],
  // Most damage is made before the checksums, which would find it all otherwise.
  mutate: (sample, random) => {
    const isXml = random() < 0.4
    const mutant = isXml ? withTextMutated(sample, random) : Buffer.from(mutateBytes(sample, 300, random))
    return random() < 0.9 ? withChecksums(mutant) : mutant
  },
  read: reading(openE57),
}

/** Numbers and marks of the XML only, within the length that it has. */
function withTextMutated(sample: Uint8Array, random: () => number): Buffer {
  const copy = Buffer.from(new Uint8Array(sample))
  const start = copy.indexOf('<?xml')
  const stretch = mutateText(copy.subarray(start), random)
  copy.set(stretch.subarray(0, copy.length - start), start)
  return copy
}

function withChecksums(bytes: Buffer): Buffer {
  const pageBytes = bytes.length > 48 ? Number(bytes.readBigUInt64LE(40)) : 0
  if (!(pageBytes >= 64 && pageBytes <= 4096)) return bytes
  for (let page = 0; page + pageBytes <= bytes.length; page += pageBytes)
    bytes.writeUInt32BE(plainCrc32c(bytes.subarray(page, page + pageBytes - 4)), page + pageBytes - 4)
  return bytes
}

const glb: FuzzReader = {
  samples: async () => {
    const positions = Array.from({ length: 60 }, (_, i) => ((i * 7) % 11) - 5)
    const primitives = [0, 4, 5, 6].map((mode) => ({
      mode,
      attributes: { POSITION: 0, COLOR_0: 2 },
      ...(mode > 0 && { indices: 1 }),
    }))
    const json = {
      scene: 0,
      scenes: [{ nodes: [0, 2] }],
      nodes: [
        { children: [1], translation: [1, 2, 3] },
        { mesh: 0, rotation: [0, 0, 0, 1], scale: [1, 2, 1] },
        { mesh: 0 },
      ],
      meshes: [{ primitives }],
    }
    return [
      encodeGlb(json, [
        { componentType: 5126, type: 'VEC3', values: positions, stride: 16 },
        { componentType: 5123, type: 'SCALAR', values: Array.from({ length: 30 }, (_, i) => (i * 3) % 20) },
        {
          componentType: 5121,
          type: 'VEC4',
          values: Array.from({ length: 80 }, (_, i) => i),
          normalized: true,
        },
      ]),
    ]
  },
  mutate: (sample, random) => {
    const jsonBytes = Buffer.from(sample).readUInt32LE(12)
    if (random() < 0.5) return mutateBytes(sample, 20 + jsonBytes, random)
    const copy = Buffer.from(new Uint8Array(sample))
    const mutant = Buffer.from(mutateText(copy.subarray(20, 20 + jsonBytes), random))
    copy.set(Buffer.concat([mutant, Buffer.alloc(jsonBytes, ' ')]).subarray(0, jsonBytes), 20)
    return copy
  },
  read: reading(openGlb),
}

export const foreignFuzzReaders: Readonly<Record<string, FuzzReader>> = { ply, obj, xyz, e57, glb }
