// The standard part of point formats 0 to 5: LASzip item POINT10, version 2.
import { LazyModels, SymbolModel } from './laz-encode-arithmetic.ts'
import type { ArithmeticEncoder } from './laz-encode-arithmetic.ts'
import { IntegerEncoder } from './laz-encode-integer.ts'
import { RunningMedian } from './laz-encode-median.ts'
import { int32, uint16 } from './laz-encode-record.ts'
import { returnLevel, returnMap10 } from './laz-encode-returns.ts'

/** Bits that say what of a record differs from the one before. */
const changed = {
  sourceId: 1,
  userData: 2,
  scanAngle: 4,
  classification: 8,
  intensity: 16,
  returns: 32,
} as const

export class Point10Encoder {
  private readonly encoder: ArithmeticEncoder
  private readonly changes = new SymbolModel(64)
  // The statistics of a byte are apart for every value that came before it.
  private readonly returns = new LazyModels(256, 256)
  private readonly classifications = new LazyModels(256, 256)
  private readonly userData = new LazyModels(256, 256)
  private readonly scanAngles = [new SymbolModel(256), new SymbolModel(256)]
  private readonly intensities: IntegerEncoder
  private readonly sourceIds: IntegerEncoder
  private readonly dx: IntegerEncoder
  private readonly dy: IntegerEncoder
  private readonly z: IntegerEncoder
  private readonly xMedians = Array.from({ length: 16 }, () => new RunningMedian())
  private readonly yMedians = Array.from({ length: 16 }, () => new RunningMedian())
  private readonly lastIntensities = new Int32Array(16)
  private readonly lastHeights = new Int32Array(8)
  private lastX: number
  private lastY: number
  private lastReturns: number
  private lastClassification: number
  private lastScanAngle: number
  private lastUserData: number
  private lastSourceId: number

  constructor(encoder: ArithmeticEncoder, bytes: Uint8Array, first: number) {
    this.encoder = encoder
    this.intensities = new IntegerEncoder(encoder, 16, 4)
    this.sourceIds = new IntegerEncoder(encoder, 16, 1)
    this.dx = new IntegerEncoder(encoder, 32, 2)
    this.dy = new IntegerEncoder(encoder, 32, 22)
    this.z = new IntegerEncoder(encoder, 32, 20)
    this.lastX = int32(bytes, first)
    this.lastY = int32(bytes, first + 4)
    this.lastReturns = bytes[first + 14]!
    this.lastClassification = bytes[first + 15]!
    this.lastScanAngle = bytes[first + 16]!
    this.lastUserData = bytes[first + 17]!
    this.lastSourceId = uint16(bytes, first + 18)
  }

  encode(bytes: Uint8Array, at: number): void {
    const returns = bytes[at + 14]!
    const returnNumber = returns & 7
    const numberOfReturns = (returns >>> 3) & 7
    const group = returnMap10[8 * numberOfReturns + returnNumber]!
    const single = numberOfReturns === 1 ? 1 : 0
    this.encodeAttributes(bytes, at, returns, group)
    this.encodePlace(bytes, at, group, single, returnLevel(numberOfReturns, returnNumber))
  }

  private encodeAttributes(bytes: Uint8Array, at: number, returns: number, group: number): void {
    const { encoder, lastIntensities } = this
    const intensity = uint16(bytes, at + 12)
    const classification = bytes[at + 15]!
    const scanAngle = bytes[at + 16]!
    const userData = bytes[at + 17]!
    const sourceId = uint16(bytes, at + 18)
    const changes =
      (returns === this.lastReturns ? 0 : changed.returns) |
      (intensity === lastIntensities[group] ? 0 : changed.intensity) |
      (classification === this.lastClassification ? 0 : changed.classification) |
      (scanAngle === this.lastScanAngle ? 0 : changed.scanAngle) |
      (userData === this.lastUserData ? 0 : changed.userData) |
      (sourceId === this.lastSourceId ? 0 : changed.sourceId)
    encoder.symbol(this.changes, changes)
    if (changes === 0) return
    if (changes & changed.returns) {
      encoder.symbol(this.returns.at(this.lastReturns), returns)
      this.lastReturns = returns
    }
    if (changes & changed.intensity) {
      this.intensities.encode(lastIntensities[group]!, intensity, group < 3 ? group : 3)
      lastIntensities[group] = intensity
    }
    if (changes & changed.classification) {
      encoder.symbol(this.classifications.at(this.lastClassification), classification)
      this.lastClassification = classification
    }
    if (changes & changed.scanAngle) {
      const scanDirection = (returns >>> 6) & 1
      encoder.symbol(this.scanAngles[scanDirection]!, (scanAngle - this.lastScanAngle) & 0xff)
      this.lastScanAngle = scanAngle
    }
    if (changes & changed.userData) {
      encoder.symbol(this.userData.at(this.lastUserData), userData)
      this.lastUserData = userData
    }
    if (changes & changed.sourceId) {
      this.sourceIds.encode(this.lastSourceId, sourceId, 0)
      this.lastSourceId = sourceId
    }
  }

  private encodePlace(bytes: Uint8Array, at: number, group: number, single: number, level: number): void {
    const x = int32(bytes, at)
    const xMedian = this.xMedians[group]!
    const dx = (x - this.lastX) | 0
    this.dx.encode(xMedian.median, dx, single)
    xMedian.add(dx)
    this.lastX = x

    const y = int32(bytes, at + 4)
    const yMedian = this.yMedians[group]!
    const dy = (y - this.lastY) | 0
    const xWidth = this.dx.width
    this.dy.encode(yMedian.median, dy, single + (xWidth < 20 ? xWidth & ~1 : 20))
    yMedian.add(dy)
    this.lastY = y

    const z = int32(bytes, at + 8)
    const width = (xWidth + this.dy.width) >>> 1
    this.z.encode(this.lastHeights[level]!, z, single + (width < 18 ? width & ~1 : 18))
    this.lastHeights[level] = z
  }
}
