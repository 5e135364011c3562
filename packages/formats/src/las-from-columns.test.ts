import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { writeLasPoints } from './las-from-columns.ts'
import type { PointsToWrite, WriteLasPointsOptions } from './las-from-columns.ts'
import { readLasHeader } from './las-header.ts'
import { readXyz } from './las-xyz.ts'
import { temporaryFolder } from './las.fixture.ts'

const scene: PointsToWrite = {
  x: [500000.123, 500001.4565, 499999],
  y: new Float64Array([5400000, 5400010.5, 5400020.25]),
  z: [-1.5, 0, 312.3456],
  classification: [2, 6, 31],
  intensity: [0, 65535, 7],
}

async function write(points: PointsToWrite, options?: WriteLasPointsOptions): Promise<Buffer> {
  const path = join(await temporaryFolder(), 'points.las')
  await writeLasPoints(path, points, options)
  return readFile(path)
}

test('format 6 comes back with its places to the millimetre, its classes, intensities and WKT', async () => {
  const bytes = await write(scene, { crs: { epsg: 32632 } })
  const source = memorySource(bytes)
  const header = await readLasHeader(source)
  expect(header).toMatchObject({ pointFormat: 6, pointRecordLength: 30, pointCount: 3, globalEncoding: 0x10 })
  expect(header.crs).toMatchObject({ name: 'WGS 84 / UTM zone 32N', epsg: 32632, kind: 'projected' })
  const { x, y, z } = await readXyz(source, header)
  for (let i = 0; i < 3; i++) {
    expect(Math.abs(x[i]! - scene.x[i]!)).toBeLessThanOrEqual(0.0005 + 1e-9)
    expect(Math.abs(y[i]! - scene.y[i]!)).toBeLessThanOrEqual(0.0005 + 1e-9)
    expect(Math.abs(z[i]! - scene.z[i]!)).toBeLessThanOrEqual(0.0005 + 1e-9)
  }
  const at = (i: number) => header.pointDataOffset + i * 30
  expect([0, 1, 2].map((i) => bytes.readUInt16LE(at(i) + 12))).toEqual([0, 65535, 7])
  expect([0, 1, 2].map((i) => [bytes[at(i) + 14], bytes[at(i) + 16]])).toEqual([
    [0x11, 2],
    [0x11, 6],
    [0x11, 31],
  ])
  expect(header.pointCountByReturn[0]).toBe(3)
})

test('format 0 states its CRS by GeoTIFF keys', async () => {
  const bytes = await write(scene, { pointFormat: 0, crs: { epsg: 25832 }, scale: 0.01, offset: [0, 0, 0] })
  const header = await readLasHeader(memorySource(bytes))
  expect(header.vlrs.map((vlr) => vlr.recordId)).toEqual([34735])
  expect(header.crs).toMatchObject({ epsg: 25832, linearUnit: { metres: 1 } })
  expect([bytes[header.pointDataOffset + 14], bytes[header.pointDataOffset + 15]]).toEqual([0x09, 2])
  expect(header.bounds.max).toEqual([500001.46, 5400020.25, 312.35])
})

test('a place that does not fit 32 bits at the scale is refused', async () => {
  await expect(write({ x: [0, 3e6], y: [0, 0], z: [0, 0] })).rejects.toThrow('does not fit 32 bits')
  await expect(write({ x: [Number.NaN], y: [0], z: [0] })).rejects.toThrow('does not fit 32 bits')
})

test('columns of different lengths are refused', async () => {
  await expect(write({ x: [1, 2], y: [1, 2], z: [1] })).rejects.toThrow('columns of 2 values, got one of 1')
})

test('no points make a valid, empty file', async () => {
  const header = await readLasHeader(memorySource(await write({ x: [], y: [], z: [] })))
  expect(header.pointCount).toBe(0)
})

test('format 7 comes back with its colours, which are read only when asked for', async () => {
  const rgb = [1, 2, 3, 65535, 0, 256, 7, 8, 9]
  const source = memorySource(await write({ ...scene, rgb }))
  const header = await readLasHeader(source)
  expect(header).toMatchObject({ pointFormat: 7, pointRecordLength: 36 })
  expect([...(await readXyz(source, header, { rgb: true })).rgb!]).toEqual(rgb)
  expect(await readXyz(source, header)).not.toHaveProperty('rgb')
  await expect(write({ ...scene, rgb: [1, 2, 3] })).rejects.toThrow('9 values of colour, got 3')
})

test('a format without colours gives black', async () => {
  const source = memorySource(await write(scene))
  expect([...(await readXyz(source, await readLasHeader(source), { rgb: true })).rgb!]).toEqual(
    Array(9).fill(0),
  )
})
