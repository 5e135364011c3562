import { describe, expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { attributeNames, decodeAttribute, setClassification } from './las-attributes.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { encodeVersion, pointOf } from './las-versions.fixture.ts'
import type { VersionFixture } from './las-versions.fixture.ts'

/** One descriptor of table 24: type at byte 2, options at 3, name at 4, scales from 112, offsets from 136. */
function descriptor(type: number, name: string, scales: number[] = [], offsets: number[] = []): Buffer {
  const bytes = Buffer.alloc(192)
  bytes[2] = type
  bytes[3] = (scales.length > 0 ? 8 : 0) | (offsets.length > 0 ? 16 : 0)
  bytes.write(name, 4, 'latin1')
  for (const [k, scale] of scales.entries()) bytes.writeDoubleLE(scale, 112 + 8 * k)
  for (const [k, offset] of offsets.entries()) bytes.writeDoubleLE(offset, 136 + 8 * k)
  return bytes
}

async function readOne(fixture: Partial<VersionFixture>, descriptors: Buffer[] = []) {
  const vlr = { userId: 'LASF_Spec', recordId: 4, description: '', data: Buffer.concat(descriptors) }
  const vlrs = descriptors.length > 0 ? [vlr] : []
  const { bytes, recordLength } = encodeVersion({ minor: 4, pointFormat: 6, pointCount: 4, vlrs, ...fixture })
  const source = memorySource(bytes)
  const header = await readLasHeader(source)
  const { value: batch } = await readPointBatches(source, header).next()
  return {
    header,
    batch: batch!,
    recordLength,
    view: new DataView(batch!.records.buffer, batch!.records.byteOffset),
  }
}

test('extra bytes come by name in their own types, 64-bit integers as doubles', async () => {
  const types = [
    'uint8',
    'int8',
    'uint16',
    'int16',
    'uint32',
    'int32',
    'uint64',
    'int64',
    'float32',
    'float64',
  ]
  const descriptors = types.map((name, i) => descriptor(i + 1, name))
  const { header, batch, recordLength, view } = await readOne({ extraBytes: 42 }, descriptors)
  for (let i = 0; i < 4; i++) {
    const at = i * recordLength + 30
    view.setUint8(at, 250 + i)
    view.setInt8(at + 1, -3 + i)
    view.setUint16(at + 2, 65_530 + i, true)
    view.setInt16(at + 4, -300 + i, true)
    view.setUint32(at + 6, 4_294_967_290 + i, true)
    view.setInt32(at + 10, -70_000 + i, true)
    view.setBigUint64(at + 14, 2n ** 52n + BigInt(i), true)
    view.setBigInt64(at + 22, -(2n ** 52n) + BigInt(i), true)
    view.setFloat32(at + 30, 0.5 + i, true)
    view.setFloat64(at + 34, 0.1 + i, true)
  }
  const column = (name: string) => decodeAttribute(batch, header, name)
  expect(attributeNames(header).slice(-10)).toEqual(types)
  expect(column('uint8')).toEqual(Uint8Array.of(250, 251, 252, 253))
  expect(column('int8')).toEqual(Int8Array.of(-3, -2, -1, 0))
  expect(column('uint16')).toEqual(Uint16Array.of(65_530, 65_531, 65_532, 65_533))
  expect(column('int16')).toEqual(Int16Array.of(-300, -299, -298, -297))
  expect(column('uint32')).toEqual(Uint32Array.of(4_294_967_290, 4_294_967_291, 4_294_967_292, 4_294_967_293))
  expect(column('int32')).toEqual(Int32Array.of(-70_000, -69_999, -69_998, -69_997))
  expect(column('uint64')).toEqual(Float64Array.from([0, 1, 2, 3], (i) => 2 ** 52 + i))
  expect(column('int64')).toEqual(Float64Array.from([0, 1, 2, 3], (i) => -(2 ** 52) + i))
  expect(column('float32')).toEqual(Float32Array.of(0.5, 1.5, 2.5, 3.5))
  expect(column('float64')).toEqual(Float64Array.of(0.1, 1.1, 2.1, 3.1))
})

test('an extra field with a scale and an offset comes as doubles, a vector part by part', async () => {
  const descriptors = [descriptor(4, 'height', [0.01], [100]), descriptor(24, 'normal', [1, 10, 100])]
  const { header, batch, recordLength, view } = await readOne({ extraBytes: 8 }, descriptors)
  for (let i = 0; i < 4; i++) {
    for (let k = 0; k < 4; k++) view.setInt16(i * recordLength + 30 + 2 * k, i - k, true)
  }
  expect(attributeNames(header).slice(-4)).toEqual(['height', 'normal[0]', 'normal[1]', 'normal[2]'])
  const column = (name: string) => [...decodeAttribute(batch, header, name)]
  expect(column('height')).toEqual([0, 1, 2, 3].map((i) => i * 0.01 + 100))
  expect(column('normal[0]')).toEqual([-1, 0, 1, 2])
  expect(column('normal[2]')).toEqual([-300, -200, -100, 0])
})

test('bytes without a type have no name; a name that the format has is its own', async () => {
  const raw = descriptor(0, 'raw')
  raw[3] = 2
  const { header, batch } = await readOne({ extraBytes: 3 }, [raw, descriptor(1, 'intensity')])
  expect(attributeNames(header)).not.toContain('raw')
  expect([...decodeAttribute(batch, header, 'intensity')]).toEqual([0, 257, 514, 771])
  expect(() => decodeAttribute(batch, header, 'nir')).toThrow(/expected an attribute .*gpsTime\), got nir/)
})

describe.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('classes of format %i', (pointFormat) => {
  test('are written in place, and nothing else is', async () => {
    const { header, batch } = await readOne({ pointFormat, pointCount: 40 })
    const classes = Uint8Array.from({ length: 40 }, (_, i) =>
      pointFormat < 6 ? (i * 5) % 32 : (i * 7) % 256,
    )
    const before = attributeNames(header).map((name) => [name, decodeAttribute(batch, header, name)])
    setClassification(batch.records, header, classes)
    const after = attributeNames(header).map((name) => [name, decodeAttribute(batch, header, name)])
    expect(after).toEqual(
      before.map(([name, column]) => [name, name === 'classification' ? classes : column]),
    )
  })

  test('that do not fit are refused before any is written', async () => {
    const { header, batch } = await readOne({ pointFormat })
    const most = pointFormat < 6 ? 31 : 255
    for (const wrong of [most + 1, -1, 2.5, Number.NaN]) {
      expect(() => setClassification(batch.records, header, [2, 2, 2, wrong])).toThrow(
        `expected classes from 0 to ${most} in point format ${pointFormat}, got ${wrong}`,
      )
    }
    expect(() => setClassification(batch.records, header, [2])).toThrow('expected 4 classes, got 1')
    const classes = [0, 1, 2, 3].map((i) => pointOf(i, pointFormat).classification)
    expect([...decodeAttribute(batch, header, 'classification')]).toEqual(classes)
  })
})
