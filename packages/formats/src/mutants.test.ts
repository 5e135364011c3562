// Random damage: every reader either reads or throws a FormatError, in bounded time.
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { parseContextScene } from './context-scene.ts'
import { crsFromWkt } from './crs-wkt.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { FormatError } from './format-error.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { encodeLas, recordBytes, seededRandom } from './las.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const mutantsPerReader = 200
/** What a mutant's first points cannot show, its last ones would not either; a COPC chunk takes milliseconds. */
const readBatches = { batchPoints: 1000, most: 2 }
/** Twice over what the slowest mutant takes on a loaded machine; an endless loop takes longer. */
const slowestMilliseconds = 5000

/** One to eight bytes changed, half of them in the first `headBytes`; now and then the end is cut off. */
function mutant(bytes: Uint8Array, random: () => number, headBytes: number): Uint8Array {
  // Not slice(): of a Buffer that is a view.
  const copy = new Uint8Array(bytes)
  const changes = 1 + Math.floor(random() * 8)
  for (let i = 0; i < changes; i++) {
    const range = random() < 0.5 ? Math.min(headBytes, copy.length) : copy.length
    const extreme = [0, 0xff, 0x7f, 0x80][Math.floor(random() * 8)]
    copy[Math.floor(random() * range)] = extreme ?? Math.floor(random() * 256)
  }
  return random() < 0.15 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy
}

async function readPoints(bytes: Uint8Array): Promise<void> {
  const source = memorySource(bytes)
  const header = await readLasHeader(source)
  let batches = 0
  for await (const batch of readPointBatches(source, header, readBatches)) {
    expect(batch.records.length).toBe(batch.count * header.pointRecordLength)
    if (++batches === readBatches.most) return
  }
}

async function survive(
  bytes: Uint8Array,
  headBytes: number,
  count: number,
  read: (bytes: Uint8Array) => Promise<void> | void,
): Promise<{ read: number; refused: number }> {
  const random = seededRandom(20_26)
  const outcome = { read: 0, refused: 0 }
  for (let i = 0; i < count; i++) {
    const damaged = mutant(bytes, random, headBytes)
    const started = performance.now()
    try {
      await read(damaged)
      outcome.read++
    } catch (error) {
      if (!(error instanceof FormatError))
        throw new Error(`mutant ${i} threw another error`, { cause: error })
      outcome.refused++
    }
    expect(performance.now() - started).toBeLessThan(slowestMilliseconds)
  }
  return outcome
}

const mutantsPerFormat = 30

describe.skipIf(withoutRealData)(`real files${realDataNote}`, () => {
  test.each([
    ['formats/1.2-with-color.las', 227],
    ['formats/1.2-with-color.copc.laz', 6000],
    ['isprs/samp54-utm.laz', 500],
  ])(`${mutantsPerReader} mutants of %s read or are refused`, async (name, headBytes) => {
    const outcome = await survive(
      await readFile(pointCloudFile(name)),
      headBytes,
      mutantsPerReader,
      readPoints,
    )
    // Both happen, else the damage was too mild or too wild to show anything.
    expect(Math.min(outcome.read, outcome.refused)).toBeGreaterThan(10)
  })
})

test.each(recordBytes.map((_, format) => format))(
  'mutants of point format %i read or are refused',
  async (pointFormat) => {
    const points = Array.from({ length: 20 }, (_, i): [number, number, number] => [i, i, i])
    const data = new Uint8Array(Buffer.from(wktOfEpsg(32632)))
    const vlrs = [{ userId: 'LASF_Projection', recordId: 2112, data }]
    const bytes = encodeLas({ minor: 4, pointFormat, points, vlrs })
    const outcome = await survive(bytes, 1500, mutantsPerFormat, readPoints)
    expect(Math.min(outcome.read, outcome.refused)).toBeGreaterThan(1)
  },
)

test('mutants of a scene read or are refused', async () => {
  const scene = {
    version: '6.0',
    SpatialReferenceSystems: { '0': { Definition: 'EPSG:32632' } },
    PointCloudCollection: { SRSId: 0, PointClouds: { '0': { Path: '0:a.las' } } },
    References: { '0': { Path: 'rds:11111111-2222-3333-4444-555555555555' } },
  }
  const outcome = await survive(
    Buffer.from(JSON.stringify(scene)),
    50,
    mutantsPerReader,
    (bytes) => void parseContextScene(bytes),
  )
  expect(Math.min(outcome.read, outcome.refused)).toBeGreaterThan(0)
})

test('mutants of WKT read or are refused', async () => {
  const outcome = await survive(Buffer.from(wktOfEpsg(25832)), 50, mutantsPerReader, (bytes) => {
    crsFromWkt(Buffer.from(bytes).toString('latin1'))
  })
  expect(Math.min(outcome.read, outcome.refused)).toBeGreaterThan(0)
})
