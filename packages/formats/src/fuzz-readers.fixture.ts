// What is fuzzed: each reader with whole samples of what it reads, real ones where they are at hand.
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { memorySource, openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { parseContextScene } from './context-scene.ts'
import { readCopcNodes } from './copc-nodes.ts'
import { crsFromDefinition, reproject, toWgs84 } from './crs.ts'
import type { Crs } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { crsFromGeoKeys } from './crs-geokeys.ts'
import { esriWkt } from './esri-wkt.ts'
import { parseGeoJsonPolygons } from './geojson-polygons.ts'
import { foreignFuzzReaders } from './fuzz-foreign.fixture.ts'
import type { FuzzReader } from './fuzz-reader.fixture.ts'
import { encodeCopc } from './hostile-copc.fixture.ts'
import { encodeLaz } from './hostile-laz.fixture.ts'
import { attributeNames, decodeAttribute, setClassification } from './las-attributes.ts'
import { readLasHeader } from './las-header.ts'
import type { LasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import type { PointBatch } from './las-points.ts'
import { encodeVersion } from './las-versions.fixture.ts'
import type { VersionFixture } from './las-versions.fixture.ts'
import { createLasWriter } from './las-writer.ts'
import { chooseChunks, readLazChunks } from './laz-chunks.ts'
import { readLazAhead } from './laz-read-ahead.ts'
import { encodeLas, recordBytes, seededRandom } from './las.fixture.ts'
import { encodeGeoKeys, oregonKeys } from './geokeys.fixture.ts'
import { mutateBytes, mutateText } from './mutate.fixture.ts'
import { readOnnxModel } from './onnx-model.ts'
import { headerOf, randomCloud } from './random-cloud.fixture.ts'
import { imageryFile, pointCloudFile } from './real-data.fixture.ts'
import { wholeScene, wholeSceneXml } from './scene-whole.fixture.ts'
import { writeContextScene } from './write-context-scene.ts'
import { readXml } from './xml.ts'
import { readZipDirectory } from './zip-directory.ts'
import { readZipEntry } from './zip-entry.ts'

/** What a file's first points cannot show, its last ones would not either. A batch may be a chunk, 10 ms of a COPC. */
const most = { points: 10_000, batches: 3 }

async function readPoints(bytes: Uint8Array): Promise<void> {
  const source = memorySource(bytes)
  const header = await readLasHeader(source)
  if (header.crs) useCrs(header.crs)
  let batches = 0
  for await (const batch of readPointBatches(source, header, { batchPoints: 4000 })) {
    const { firstIndex, count, records } = batch
    if (records.length !== count * header.pointRecordLength) throw new Error('a batch of another length')
    if (batches === 0) useAttributes(batch, header)
    if (firstIndex + count >= most.points || ++batches === most.batches) return
  }
}

/** Whatever the header says there is can be decoded. */
function useAttributes(batch: PointBatch, header: LasHeader): void {
  for (const name of attributeNames(header)) {
    if (decodeAttribute(batch, header, name).length !== batch.count) throw new Error(`a short column ${name}`)
  }
  setClassification(batch.records, header, new Uint8Array(batch.count))
}

/** A system that was read has to work, or to refuse the place. */
function useCrs(crs: Crs): void {
  esriWkt(crs)
  if (crs.proj4 === undefined) return
  for (const project of [toWgs84(crs), reproject(crs, utm)]) {
    try {
      project(500_300, 5_400_200)
    } catch (error) {
      if (!(error instanceof RangeError) || !error.message.startsWith('expected a place that ')) throw error
    }
  }
}
const utm = crsFromDefinition('EPSG:32632')

async function realFiles(names: string[]): Promise<Uint8Array[]> {
  return Promise.all(
    names
      .map(pointCloudFile)
      .filter(existsSync)
      .map((path) => readFile(path)),
  )
}

const textBytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'))
const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

function generatedLas(pointFormat: number): Uint8Array {
  const points = Array.from({ length: 20 }, (_, i): [number, number, number] => [i, i, i])
  const vlrs = [{ userId: 'LASF_Projection', recordId: 2112, data: textBytes(wktOfEpsg(32632)) }]
  const evlrs = [{ userId: 'x', recordId: 1, data: new Uint8Array(30) }]
  return encodeLas({ minor: 4, pointFormat, points, vlrs, evlrs, extra: 2, globalEncoding: 0x10 })
}

const las: FuzzReader = {
  samples: async () => [
    ...(await realFiles(['formats/1.2-with-color.las'])),
    ...recordBytes.map((_, pointFormat) => generatedLas(pointFormat)),
  ],
  mutate: (sample, random) => mutateBytes(sample, 1000, random),
  read: readPoints,
}

const laz: FuzzReader = {
  samples: async () => [
    ...(await realFiles(['formats/1.2-with-color.copc.laz'])),
    ...(await Promise.all((await realFiles(['isprs/samp54-utm.laz'])).map(startOf))),
    ...(await Promise.all([1, 3, 8].map(generatedLaz))),
    encodeLaz({})(),
  ],
  mutate: (sample, random) => mutateBytes(sample, 3000, random),
  read: readPoints,
}

/** Its first points in a file of their own, all of which is read: damage behind what is read shows nothing. */
async function startOf(file: Uint8Array): Promise<Uint8Array> {
  const source = memorySource(file)
  const like = await readLasHeader(source)
  for await (const { records, count } of readPointBatches(source, like, { batchPoints: 2000 }))
    return encodedLaz('start', { like, records, count })
  return file
}

async function generatedLaz(pointFormat: number): Promise<Uint8Array> {
  const { records, ...cloud } = randomCloud(seededRandom(1), { pointFormat, extra: 2, count: 300 })
  return encodedLaz(String(pointFormat), { like: headerOf(cloud), records, count: cloud.count })
}

async function encodedLaz(
  name: string,
  { like, records, count }: { like: LasHeader; records: Uint8Array; count: number },
): Promise<Uint8Array> {
  const path = join(tmpdir(), `alidade-fuzz-${process.pid}-${name}.laz`)
  const writer = await createLasWriter(path, { like, compressed: true })
  await writer.append(records, count)
  await writer.close()
  const bytes = await readFile(path)
  await rm(path)
  return bytes
}

/** Every version with its formats, VLRs, waveforms; through the writer, of which the points come out as they went in. */
const lasVersions: FuzzReader = {
  samples: async () =>
    ([1, 1, 3, 5, 10] as const).flatMap((last, minor) =>
      Array.from({ length: last + 1 }, (_, pointFormat) =>
        generatedVersion(minor as VersionFixture['minor'], pointFormat),
      ),
    ),
  mutate: (sample, random) => mutateBytes(sample, 700, random),
  read: async (bytes) => {
    await readPoints(bytes)
    await rewritePoints(bytes)
  },
}

function generatedVersion(minor: VersionFixture['minor'], pointFormat: number): Uint8Array {
  const note = { userId: 'x', recordId: 1, description: '', data: new Uint8Array(30) }
  const inFile = [4, 5, 9, 10].includes(pointFormat)
  return encodeVersion({
    ...{ minor, pointFormat, pointCount: 20, extraBytes: 2, vlrs: [note] },
    ...(minor === 4 && { evlrs: [note] }),
    ...(inFile && { waveforms: new Uint8Array(320), globalEncoding: 2 }),
  }).bytes
}

async function rewritePoints(bytes: Uint8Array): Promise<void> {
  const path = join(tmpdir(), `alidade-fuzz-${process.pid}.las`)
  const source = memorySource(bytes)
  const like = await readLasHeader(source)
  const writer = await createLasWriter(path, { like, source })
  try {
    for await (const { records, count } of readPointBatches(source, like)) await writer.append(records, count)
    await writer.close()
    const again = memorySource(await readFile(path))
    const header = await readLasHeader(again)
    const data = (source: ByteSource, { pointDataOffset, pointCount, pointRecordLength }: LasHeader) =>
      source.read(pointDataOffset, pointCount * pointRecordLength)
    const [before, after] = await Promise.all([data(source, like), data(again, header)])
    if (Buffer.compare(before, after) !== 0) throw new Error('other points after writing')
    if (header.vlrs.length !== like.vlrs.length) throw new Error('other VLRs after writing')
  } finally {
    await writer.abandon()
    await rm(path, { force: true })
  }
}

/** The nodes of some hierarchy, whole and in part; half of the damage is in its pages, which are at the end of the file. */
const copc: FuzzReader = {
  samples: async () => [...(await realFiles(['formats/1.2-with-color.copc.laz'])), encodeCopc({})()],
  mutate: (sample, random) => {
    if (random() < 0.5) return mutateBytes(sample, 700, random)
    const pagesAt = sample.length - Math.min(2080, Math.floor(sample.length / 16))
    const pages = mutateBytes(sample.subarray(pagesAt), sample.length - pagesAt, random)
    return Buffer.concat([sample.subarray(0, pagesAt), pages])
  },
  read: async (bytes) => {
    const source = memorySource(bytes)
    const header = await readLasHeader(source)
    const { min, max } = header.bounds
    const middle = min.map((low, axis) => (low + max[axis]!) / 2) as [number, number, number]
    for (const options of [{}, { box: { min, max: middle } }, { resolution: 1e9 }]) {
      for await (const _ of readCopcNodes(source, header, options)) break
    }
  },
}

/**
 * Points decoded ahead by a thread, which takes some 60 ms to start: all of them in order, or an error. What damage within a
 * chunk decodes to is not the same twice: the decoder reads on behind the chunk.
 */
const lazAhead: FuzzReader = {
  // Prime to the number of samples, so that all of them have their turn.
  oneOf: 11,
  // With less than this Node cannot start a thread.
  megabytes: 4096,
  samples: laz.samples,
  mutate: laz.mutate,
  read: async (bytes) => {
    const path = join(tmpdir(), `alidade-fuzz-${process.pid}.laz`)
    await writeFile(path, bytes)
    const source = await openFile(path)
    try {
      const header = await readLasHeader(source)
      const all = await readLazChunks(source, header)
      const few = all.numbers.subarray(0, most.batches)
      const chunks = chooseChunks(all, Uint32Array.from(few))
      const options = { threads: 1, batchPoints: 4000, signal: undefined }
      let next = 0
      for await (const { firstIndex, count } of readLazAhead(source, header, chunks, options)) {
        if (firstIndex !== next) throw new Error(`a batch from ${firstIndex} on instead of ${next}`)
        next += count
      }
      const expected = chunks.pointCounts.reduce((sum, count) => sum + count, 0)
      if (next !== expected) throw new Error(`${next} points instead of ${expected}`)
    } finally {
      await source.close()
      await rm(path, { force: true })
    }
  },
}

const scene: FuzzReader = {
  samples: async () => [textBytes(JSON.stringify(wholeScene()))],
  mutate: mutateText,
  read: readScene,
}

const sceneXml: FuzzReader = {
  samples: async () => [textBytes(wholeSceneXml)],
  mutate: mutateText,
  read: readScene,
}

/** What was read has to come back from what is written of it. */
function readScene(bytes: Uint8Array): void {
  const text = writeContextScene(parseContextScene(bytes))
  let again: string
  try {
    again = writeContextScene(parseContextScene(text))
  } catch (cause) {
    throw new Error('what was written cannot be read', { cause })
  }
  // Not the texts: JSON has numbers among its keys in their own order.
  if (!isDeepStrictEqual(JSON.parse(again), JSON.parse(text))) throw new Error('it reads as something else')
}

const wkt2 =
  'COMPOUNDCRS["both",PROJCRS["UTM in feet",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",' +
  'ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0]],' +
  'CONVERSION["c",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0],' +
  'PARAMETER["Longitude of natural origin",9],PARAMETER["Scale factor at natural origin",0.9996],' +
  'PARAMETER["False easting",500000],PARAMETER["False northing",0]],CS[Cartesian,2],AXIS["e",east],' +
  'AXIS["n",north],LENGTHUNIT["foot",0.3048]],VERTCRS["h",VDATUM["d"],CS[vertical,1],AXIS["up",up],LENGTHUNIT["metre",1]]]'

const crsText: FuzzReader = {
  samples: async () =>
    [
      ...[wktOfEpsg(25832), wktOfEpsg(32632).replace(/,AUTHORITY\["EPSG","\d+"\]/g, ''), wkt2],
      ...['EPSG:32632', 'EPSG:2263', 'EPSG:28992', 'EPSG:2056', 'EPSG:3035', 'EPSG:27700'].flatMap((code) => {
        const crs = crsFromDefinition(code)
        return [crs.proj4!, esriWkt(crs)!]
      }),
      ...[
        'EPSG:28992+5709',
        'EPSG:7415',
        crsFromDefinition('EPSG:2048').proj4!,
        'ENU:36.7127,-6.10034',
        'Local:unit=meter',
      ],
    ].map(textBytes),
  mutate: mutateText,
  read: (bytes) => useCrs(crsFromDefinition(utf8(bytes))),
}

/** The three records of GeoTIFF keys behind each other, each after its length in two bytes. */
const geoKeys: FuzzReader = {
  samples: async () =>
    [oregonKeys(), encodeGeoKeys([1024, 1], [3072, 32632], [3076, 9002], [1026, 'zone'])].map((records) => {
      const parts = [records.directory, records.doubles, records.ascii]
      return Buffer.concat(
        parts.flatMap((part) => [Buffer.from([part.length & 0xff, part.length >> 8]), part]),
      )
    }),
  mutate: (sample, random) => mutateBytes(sample, 150, random),
  read: (bytes) => {
    const parts: Uint8Array[] = []
    for (let at = 0; parts.length < 3; ) {
      const length = (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0)
      parts.push(bytes.slice(at + 2, at + 2 + length))
      at += 2 + length
    }
    const [directory, doubles, ascii] = parts
    const crs = crsFromGeoKeys({ directory: directory!, doubles, ascii })
    if (crs) useCrs(crs)
  },
}

const polygons: FuzzReader = {
  samples: async () => {
    const ring = [
      [9, 48],
      [9.1, 48],
      [9, 48.1],
    ]
    const geometry = { type: 'MultiPolygon', coordinates: [[ring, ring], [ring]] }
    const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
    const features = [{ type: 'Feature', properties: {}, geometry }]
    return [textBytes(JSON.stringify({ type: 'FeatureCollection', crs, features }))]
  },
  mutate: mutateText,
  read: (bytes) => void parseGeoJsonPolygons(bytes),
}

// Made by `onnx.fixture.ts` and `zip.fixture.ts` of `@alidade/jobs`, whose tests damage whole detectors.
const tinyModel =
  'CAgSD2FsaWRhZGUtZml4dHVyZTqXAQodCgVpbWFnZQoGd2VpZ2h0EgZzY29yZXMiBENvbnYSBWdyYXBoKiwIAggDCAEIARABQgZ3' +
  'ZWlnaHRKGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFofCgVpbWFnZRIWChQIARIQCgIIAQoCCAMKAghACgIIQGIgCgZzY29yZXMS' +
  'FgoUCAESEAoCCAEKAggCCgIIQAoCCEBCBAoAEBFyDwoEdGFzaxIHc2VnbWVudA=='
const tinyArchive =
  'UEsDBBQAAAgIAAAAAABRoezAEAAAAB8AAAAFAAAAYS50eHQrzs9NVShJrSjRUSjGwgQAUEsDBBQAAAgAAAAAAAAAAAAAAAAAAAAA' +
  'AAACAAAAYi9QSwMEFAAACAAAAAAAAAv5Q1YGAAAABgAAAAcAAABiL2MuYmluc3RvcmVkUEsBAhQDFAAACAgAAAAAAFGh7MAQAAAA' +
  'HwAAAAUAAAAAAAAAAAAAAAAAAAAAAGEudHh0UEsBAhQDFAAACAAAAAAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAMwAAAGIv' +
  'UEsBAhQDFAAACAAAAAAAAAv5Q1YGAAAABgAAAAcAAAAAAAAAAAAAAAAAUwAAAGIvYy5iaW5QSwUGAAAAAAMAAwCYAAAAfgAAAAAA'
const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

const onnx: FuzzReader = {
  samples: async () => [
    base64(tinyModel),
    ...(await Promise.all(
      [imageryFile('models/colour_seg.onnx')].filter(existsSync).map((path) => readFile(path)),
    )),
  ],
  mutate: (sample, random) => mutateBytes(sample, 150, random),
  read: async (bytes) => void (await readOnnxModel(onePiece(bytes))),
}

async function* onePiece(bytes: Uint8Array) {
  yield bytes
}

const zip: FuzzReader = {
  samples: async () => [base64(tinyArchive)],
  mutate: (sample, random) => mutateBytes(sample, sample.length, random),
  read: async (bytes) => {
    const source = memorySource(bytes)
    for (const entry of await readZipDirectory(source, {
      mostEntries: 100,
      mostBytes: 1e9,
      largestRatio: 100,
    })) {
      for await (const _ of readZipEntry(source, entry));
    }
  },
}

const xml: FuzzReader = {
  samples: async () => [
    textBytes(
      `<?xml version="1.0"?>\n<!-- a --><Labels a='1'><Label id="1"><Name>a &amp; b</Name></Label><x/></Labels>`,
    ),
  ],
  mutate: mutateText,
  read: (bytes) => void readXml(bytes, 'labels.xml', { deepest: 16, mostElements: 1000 }),
}

export const fuzzReaders: Readonly<Record<string, FuzzReader>> = {
  ...{ las, lasVersions, laz, lazAhead, copc, scene, sceneXml, crsText, geoKeys, onnx, zip, xml },
  ...foreignFuzzReaders,
  polygons,
}
