// The standard part of point formats 0 to 5: LASzip item POINT10, version 2.
import { ArithmeticEncoder, LazyModels, mostBytesPerSymbol, SymbolModel } from './arithmetic'
import { IntegerEncoder, mostBytesPerInteger16, mostBytesPerInteger32 } from './integer'
import { RunningMedian, runningMedians } from './median'
import { returnLevel, returnMap10 } from './returns'

/** What of a record differs from the one before. */
const sourceIdChanged = 1
const userDataChanged = 2
const scanAngleChanged = 4
const classificationChanged = 8
const intensityChanged = 16
const returnsChanged = 32

export const mostBytesPerPoint10: u32 =
  5 * mostBytesPerSymbol + 2 * mostBytesPerInteger16 + 3 * mostBytesPerInteger32

export class Point10Encoder {
  private readonly encoder: ArithmeticEncoder
  private readonly changes: SymbolModel = new SymbolModel(64)
  // The statistics of a byte are apart for every value that came before it.
  private readonly returns: LazyModels = new LazyModels(256, 256)
  private readonly classifications: LazyModels = new LazyModels(256, 256)
  private readonly userData: LazyModels = new LazyModels(256, 256)
  private readonly scanAngles: LazyModels = new LazyModels(2, 256)
  private readonly intensities: IntegerEncoder
  private readonly sourceIds: IntegerEncoder
  private readonly dx: IntegerEncoder
  private readonly dy: IntegerEncoder
  private readonly z: IntegerEncoder
  private readonly xMedians: StaticArray<RunningMedian> = runningMedians(16)
  private readonly yMedians: StaticArray<RunningMedian> = runningMedians(16)
  private readonly lastIntensities: StaticArray<i32> = new StaticArray<i32>(16)
  private readonly lastHeights: StaticArray<i32> = new StaticArray<i32>(8)
  /** The record before. */
  private last: usize

  constructor(encoder: ArithmeticEncoder, first: usize) {
    this.encoder = encoder
    this.intensities = new IntegerEncoder(encoder, 16, 4)
    this.sourceIds = new IntegerEncoder(encoder, 16, 1)
    this.dx = new IntegerEncoder(encoder, 32, 2)
    this.dy = new IntegerEncoder(encoder, 32, 22)
    this.z = new IntegerEncoder(encoder, 32, 20)
    this.last = first
  }

  encode(record: usize): void {
    const returns: i32 = load<u8>(record, 14)
    const returnNumber = returns & 7
    const numberOfReturns = (returns >>> 3) & 7
    const group: i32 = unchecked(returnMap10[8 * numberOfReturns + returnNumber])
    this.encodeAttributes(record, returns, group)
    this.encodePlace(record, group, numberOfReturns, returnNumber)
    this.last = record
  }

  private encodeAttributes(record: usize, returns: i32, group: i32): void {
    const encoder = this.encoder
    const last = this.last
    const lastReturns: i32 = load<u8>(last, 14)
    const intensity: i32 = load<u16>(record, 12)
    const lastIntensity = unchecked(this.lastIntensities[group])
    const classification: i32 = load<u8>(record, 15)
    const lastClassification: i32 = load<u8>(last, 15)
    const scanAngle: i32 = load<u8>(record, 16)
    const lastScanAngle: i32 = load<u8>(last, 16)
    const userData: i32 = load<u8>(record, 17)
    const lastUserData: i32 = load<u8>(last, 17)
    const sourceId: i32 = load<u16>(record, 18)
    const lastSourceId: i32 = load<u16>(last, 18)
    const changes =
      (returns === lastReturns ? 0 : returnsChanged) |
      (intensity === lastIntensity ? 0 : intensityChanged) |
      (classification === lastClassification ? 0 : classificationChanged) |
      (scanAngle === lastScanAngle ? 0 : scanAngleChanged) |
      (userData === lastUserData ? 0 : userDataChanged) |
      (sourceId === lastSourceId ? 0 : sourceIdChanged)
    encoder.symbol(this.changes, changes)
    if (changes === 0) return
    if (changes & returnsChanged) encoder.symbol(this.returns.at(lastReturns), returns)
    if (changes & intensityChanged) {
      this.intensities.encode(lastIntensity, intensity, min(group, 3))
      unchecked((this.lastIntensities[group] = intensity))
    }
    if (changes & classificationChanged) {
      encoder.symbol(this.classifications.at(lastClassification), classification)
    }
    if (changes & scanAngleChanged) {
      const scanDirection = (returns >>> 6) & 1
      encoder.symbol(this.scanAngles.at(scanDirection), (scanAngle - lastScanAngle) & 0xff)
    }
    if (changes & userDataChanged) encoder.symbol(this.userData.at(lastUserData), userData)
    if (changes & sourceIdChanged) this.sourceIds.encode(lastSourceId, sourceId, 0)
  }

  private encodePlace(record: usize, group: i32, numberOfReturns: i32, returnNumber: i32): void {
    const single = numberOfReturns === 1 ? 1 : 0
    const xMedian = unchecked(this.xMedians[group])
    const dx = load<i32>(record) - load<i32>(this.last)
    this.dx.encode(xMedian.median, dx, single)
    xMedian.add(dx)

    const xWidth = this.dx.width
    const yMedian = unchecked(this.yMedians[group])
    const dy = load<i32>(record, 4) - load<i32>(this.last, 4)
    this.dy.encode(yMedian.median, dy, single + min(xWidth & ~1, 20))
    yMedian.add(dy)

    const width = (xWidth + this.dy.width) >>> 1
    const level = returnLevel(numberOfReturns, returnNumber)
    const z = load<i32>(record, 8)
    this.z.encode(unchecked(this.lastHeights[level]), z, single + min(width & ~1, 18))
    unchecked((this.lastHeights[level] = z))
  }
}
