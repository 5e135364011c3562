// What is fuzzed: each reader with whole samples of what it reads, real ones where they are at hand.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { memorySource } from './byte-source.ts'
import { parseContextScene } from './context-scene.ts'
import { crsFromDefinition, reproject, toWgs84 } from './crs.ts'
import type { Crs } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { crsFromGeoKeys } from './crs-geokeys.ts'
import { esriWkt } from './esri-wkt.ts'
import { parseGeoJsonPolygons } from './geojson-polygons.ts'
import { foreignFuzzReaders } from './fuzz-foreign.fixture.ts'
import type { FuzzReader } from './fuzz-reader.fixture.ts'
import { encodeLaz } from './hostile-laz.fixture.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { encodeLas, recordBytes } from './las.fixture.ts'
import { encodeGeoKeys, oregonKeys } from './geokeys.fixture.ts'
import { mutateBytes, mutateText } from './mutate.fixture.ts'
import { readOnnxModel } from './onnx-model.ts'
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
  for await (const { firstIndex, count, records } of readPointBatches(source, header, {
    batchPoints: 4000,
  })) {
    if (records.length !== count * header.pointRecordLength) throw new Error('a batch of another length')
    if (firstIndex + count >= most.points || ++batches === most.batches) return
  }
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
    ...(await realFiles([
      'formats/1.2-with-color.copc.laz',
      'isprs/samp54-utm.laz',
      'formats/autzen_trim.laz',
    ])),
    encodeLaz({})(),
  ],
  mutate: (sample, random) => mutateBytes(sample, 3000, random),
  read: readPoints,
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
      ...['EPSG:32632', 'EPSG:2263', 'EPSG:28992', 'EPSG:2056', 'EPSG:3035'].flatMap((code) => {
        const crs = crsFromDefinition(code)
        return [crs.proj4!, esriWkt(crs)!]
      }),
      ...['EPSG:28992+5709', 'ENU:36.7127,-6.10034', 'Local:unit=meter'],
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
  ...{ las, laz, scene, sceneXml, crsText, geoKeys, onnx, zip, xml },
  ...foreignFuzzReaders,
  polygons,
}
