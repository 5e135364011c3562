// Clouds made at random, in which every field of a record stays, steps, jumps or takes an extreme value.
import type { LasHeader } from './las-header.ts'
import { recordBytes } from './las.fixture.ts'

export type RandomCloud = {
  readonly pointFormat: number
  readonly recordLength: number
  readonly count: number
  readonly records: Uint8Array
}

export const lazPointFormats = [0, 1, 2, 3, 6, 7, 8] as const

const extremes32 = [0x7fffffff, -0x80000000, 0, -1, 1]
const extremeTimes = [NaN, -0, 0, Infinity, -Infinity, Number.MAX_VALUE, 5e-324, -1e9]
const gpsTimeAt: Record<number, number> = { 1: 20, 3: 20, 6: 22, 7: 22, 8: 22 }

/** `onlyChannel` keeps all points of formats from 6 on in one scanner channel, which is 0 to 3. */
export function randomCloud(
  random: () => number,
  wanted: { pointFormat: number; extra: number; count: number; onlyChannel?: boolean },
): RandomCloud {
  const { pointFormat, count } = wanted
  const base = recordBytes[pointFormat]!
  const recordLength = base + wanted.extra
  const records = new Uint8Array(count * recordLength)
  const view = new DataView(records.buffer)
  const whole = (n: number) => Math.floor(random() * n)
  // Some clouds are calm, with whole layers in which nothing changes; some are noise.
  const restless = Array.from({ length: recordLength }, () => (random() < 0.3 ? 0 : random() ** 2))
  const channel = whole(4) << 4
  const times = Array.from({ length: 6 }, () => random() * 10 ** whole(10))
  let sequence = 0
  for (let i = 0, at = 0; i < count; i++, at += recordLength) {
    if (i === 0) for (let k = 0; k < recordLength; k++) records[k] = whole(256)
    else records.copyWithin(at, at - recordLength, at)
    for (let axis = 0; axis < 12; axis += 4) {
      if (random() > restless[axis]! + 0.1) continue
      const before = view.getInt32(at + axis, true)
      const kind = random()
      const next =
        kind < 0.8 ? before + whole(200) - 100 : kind < 0.95 ? whole(2 ** 32) : extremes32[whole(5)]!
      view.setInt32(at + axis, next | 0, true)
    }
    for (let k = 12; k < recordLength; k++) {
      if (random() < restless[k]!)
        records[at + k] = random() < 0.5 ? records[at + k]! + whole(3) - 1 : whole(256)
    }
    const timeAt = gpsTimeAt[pointFormat]
    if (timeAt !== undefined) {
      if (random() < 0.1) sequence = whole(6)
      if (random() < 0.7) times[sequence]! += random() < 0.9 ? 1e-5 * whole(4) : random() * 10 ** whole(8)
      const time = random() < 0.02 ? extremeTimes[whole(extremeTimes.length)]! : times[sequence]!
      view.setFloat64(at + timeAt, time, true)
    }
    if (wanted.onlyChannel && pointFormat >= 6) records[at + 15] = (records[at + 15]! & 0xcf) | channel
  }
  return { pointFormat, recordLength, count, records }
}

/** What a file with such records would say of itself. */
export function headerOf(cloud: Pick<RandomCloud, 'pointFormat' | 'recordLength' | 'count'>): LasHeader {
  return {
    versionMinor: 4,
    pointFormat: cloud.pointFormat,
    pointRecordLength: cloud.recordLength,
    pointCount: cloud.count,
    pointCountByReturn: [],
    scale: [0.01, 0.01, 0.01],
    offset: [0, 0, 0],
    bounds: { min: [0, 0, 0], max: [0, 0, 0] },
    headerSizeBytes: 375,
    pointDataOffset: 375,
    compressed: false,
    vlrs: [],
    extraBytes: [],
    globalEncoding: 0,
    fileSourceId: 0,
    projectId: new Uint8Array(16),
    systemIdentifier: '',
    generatingSoftware: '',
  }
}
