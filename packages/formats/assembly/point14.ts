// The standard part of point formats 6 to 10: LASzip item POINT14, version 3, in nine layers with a code of their own.
import { ArithmeticEncoder, LazyModels, mostBytesPerSymbol, SymbolModel } from './arithmetic'
import { GpsTimeEncoder, mostBytesPerGpsTime } from './gps-time'
import { IntegerEncoder, mostBytesPerInteger16, mostBytesPerInteger32 } from './integer'
import { Layer } from './layer'
import { RunningMedian, runningMedians } from './median'
import { returnLevel, returnMap14 } from './returns'

/** What of a record differs from the one before of its scanner channel; the lowest two bits are of the return number. */
const returnStepIsOther = 3
const returnCountChanged = 4
const scanAngleChanged = 8
const gpsTimeChanged = 16
const sourceIdChanged = 32
const channelChanged = 64

/** One code per layer, in file order. */
export class PointLayers {
  readonly places: Layer
  readonly heights: Layer
  readonly classifications: Layer
  readonly flags: Layer
  readonly intensities: Layer
  readonly scanAngles: Layer
  readonly userData: Layer
  readonly sourceIds: Layer
  readonly gpsTimes: Layer

  constructor(count: usize) {
    this.places = new Layer(count * (4 * mostBytesPerSymbol + 2 * mostBytesPerInteger32))
    this.heights = new Layer(count * mostBytesPerInteger32)
    this.classifications = new Layer(count * mostBytesPerSymbol)
    this.flags = new Layer(count * mostBytesPerSymbol)
    this.intensities = new Layer(count * mostBytesPerInteger16)
    this.scanAngles = new Layer(count * mostBytesPerInteger16)
    this.userData = new Layer(count * mostBytesPerSymbol)
    this.sourceIds = new Layer(count * mostBytesPerInteger16)
    this.gpsTimes = new Layer(count * mostBytesPerGpsTime)
    // These two are always there, even when all points are in the same place.
    this.places.changes = true
    this.heights.changes = true
  }

  all(): Layer[] {
    return [
      this.places,
      this.heights,
      this.classifications,
      this.flags,
      this.intensities,
      this.scanAngles,
      this.userData,
      this.sourceIds,
      this.gpsTimes,
    ]
  }
}

/** Up to four scanner channels take turns; each is predicted from its own points only. */
export class Point14Encoder {
  private readonly layers: PointLayers
  private readonly channels: StaticArray<Channel | null> = new StaticArray<Channel | null>(4)
  private channel: Channel
  private number: i32

  constructor(layers: PointLayers, first: usize) {
    const number = scannerChannel(first)
    this.layers = layers
    this.number = number
    this.channel = new Channel(layers, first)
    this.channels[number] = this.channel
  }

  /** True when the record is of another scanner channel than the one before. */
  encode(record: usize): bool {
    const number = scannerChannel(record)
    const before = this.channel
    if (number === this.number) {
      const changes = before.changes(record)
      this.layers.places.encoder.symbol(before.changeModel(), changes)
      before.encode(changes, record)
      return false
    }
    const known = this.channels[number]
    const changes = (known === null ? before : known).changes(record) | channelChanged
    const places = this.layers.places.encoder
    places.symbol(before.changeModel(), changes)
    places.symbol(before.channelSteps, (number - this.number + 3) & 3)
    // A channel that begins within the chunk continues from the last point of whichever was before.
    const channel = known === null ? new Channel(this.layers, before.last) : known
    this.channels[number] = channel
    this.channel = channel
    this.number = number
    channel.encode(changes, record)
    return true
  }
}

export function scannerChannel(record: usize): i32 {
  return (load<u8>(record, 15) >>> 4) & 3
}

class Channel {
  /** The channel's last record. */
  last: usize
  readonly channelSteps: SymbolModel = new SymbolModel(3)
  private readonly layers: PointLayers
  private timeChanged: i32 = 0
  private readonly changesByReturn: LazyModels = new LazyModels(8, 128)
  private readonly returnCounts: LazyModels = new LazyModels(16, 16)
  private readonly returnNumbers: LazyModels = new LazyModels(16, 16)
  private readonly returnSteps: SymbolModel = new SymbolModel(13)
  private readonly dx: IntegerEncoder
  private readonly dy: IntegerEncoder
  private readonly z: IntegerEncoder
  private readonly xMedians: StaticArray<RunningMedian> = runningMedians(12)
  private readonly yMedians: StaticArray<RunningMedian> = runningMedians(12)
  private readonly lastHeights: StaticArray<i32> = new StaticArray<i32>(8)
  private readonly classifications: LazyModels = new LazyModels(64, 256)
  private readonly flags: LazyModels = new LazyModels(64, 64)
  private readonly userData: LazyModels = new LazyModels(64, 256)
  private readonly intensities: IntegerEncoder
  private readonly lastIntensities: StaticArray<i32> = new StaticArray<i32>(8)
  private readonly scanAngles: IntegerEncoder
  private readonly sourceIds: IntegerEncoder
  private readonly gpsTimes: GpsTimeEncoder

  constructor(layers: PointLayers, first: usize) {
    this.last = first
    this.layers = layers
    this.dx = new IntegerEncoder(layers.places.encoder, 32, 2)
    this.dy = new IntegerEncoder(layers.places.encoder, 32, 22)
    this.z = new IntegerEncoder(layers.heights.encoder, 32, 20)
    this.intensities = new IntegerEncoder(layers.intensities.encoder, 16, 4)
    this.scanAngles = new IntegerEncoder(layers.scanAngles.encoder, 16, 2)
    this.sourceIds = new IntegerEncoder(layers.sourceIds.encoder, 16, 1)
    this.gpsTimes = new GpsTimeEncoder(layers.gpsTimes.encoder, load<i64>(first, 22), false)
    this.lastHeights.fill(load<i32>(first, 8))
    this.lastIntensities.fill(load<u16>(first, 12))
  }

  /** What changed comes more often after some returns than after others. */
  changeModel(): SymbolModel {
    const returns: i32 = load<u8>(this.last, 14)
    return this.changesByReturn.at(kindOf(returns & 15, returns >>> 4) | (this.timeChanged << 2))
  }

  changes(record: usize): i32 {
    const last = this.last
    const before: i32 = load<u8>(last, 14)
    const now: i32 = load<u8>(record, 14)
    const step = ((now & 15) - (before & 15)) & 15
    return (
      // One on, one back, or something else.
      (step === 15 ? 2 : min(step, 1) | (step > 1 ? returnStepIsOther : 0)) |
      (now >>> 4 === before >>> 4 ? 0 : returnCountChanged) |
      (load<u16>(record, 18) === load<u16>(last, 18) ? 0 : scanAngleChanged) |
      (load<i64>(record, 22) === load<i64>(last, 22) ? 0 : gpsTimeChanged) |
      (load<u16>(record, 20) === load<u16>(last, 20) ? 0 : sourceIdChanged)
    )
  }

  encode(changes: i32, record: usize): void {
    const timeChanged = changes & gpsTimeChanged ? 1 : 0
    const returns: i32 = load<u8>(record, 14)
    const returnNumber = returns & 15
    const returnCount = returns >>> 4
    const kind = kindOf(returnNumber, returnCount)
    this.encodeReturns(changes, returnNumber, returnCount)
    this.encodePlace(record, returnNumber, returnCount, timeChanged)
    this.encodeBytes(record, kind)
    this.encodeIntensity(record, kind, timeChanged)
    this.encodeRare(changes, record, timeChanged)
    this.timeChanged = timeChanged
    this.last = record
  }

  private encodeReturns(changes: i32, number: i32, count: i32): void {
    if ((changes & (returnCountChanged | returnStepIsOther)) === 0) return
    const encoder = this.layers.places.encoder
    const before: i32 = load<u8>(this.last, 14)
    if (changes & returnCountChanged) encoder.symbol(this.returnCounts.at(before >>> 4), count)
    if ((changes & returnStepIsOther) !== returnStepIsOther) return
    const numberBefore = before & 15
    if (changes & gpsTimeChanged) encoder.symbol(this.returnNumbers.at(numberBefore), number)
    else encoder.symbol(this.returnSteps, ((number - numberBefore) & 15) - 2)
  }

  private encodePlace(record: usize, number: i32, count: i32, timeChanged: i32): void {
    const last = this.last
    const single = count === 1 ? 1 : 0
    const group = ((<i32>unchecked(returnMap14[16 * count + number])) << 1) | timeChanged
    const xMedian = unchecked(this.xMedians[group])
    const dx = load<i32>(record) - load<i32>(last)
    this.dx.encode(xMedian.median, dx, single)
    xMedian.add(dx)

    const xWidth = this.dx.width
    const yMedian = unchecked(this.yMedians[group])
    const dy = load<i32>(record, 4) - load<i32>(last, 4)
    this.dy.encode(yMedian.median, dy, single + min(xWidth & ~1, 20))
    yMedian.add(dy)

    const width = (xWidth + this.dy.width) >>> 1
    const level = returnLevel(count, number)
    const z = load<i32>(record, 8)
    this.z.encode(unchecked(this.lastHeights[level]), z, single + min(width & ~1, 18))
    unchecked((this.lastHeights[level] = z))
  }

  /** Classification, flags and user data, each by what it was before. */
  private encodeBytes(record: usize, kind: i32): void {
    const last = this.last
    const classification: i32 = load<u8>(record, 16)
    const lastClassification: i32 = load<u8>(last, 16)
    const context = ((lastClassification & 0x1f) << 1) | (kind === 3 ? 1 : 0)
    const classifications = this.layers.classifications
    if (classification !== lastClassification) classifications.changes = true
    classifications.encoder.symbol(this.classifications.at(context), classification)

    const flags = flagsOf(record)
    const lastFlags = flagsOf(last)
    if (flags !== lastFlags) this.layers.flags.changes = true
    this.layers.flags.encoder.symbol(this.flags.at(lastFlags), flags)

    const userData: i32 = load<u8>(record, 17)
    const lastUserData: i32 = load<u8>(last, 17)
    if (userData !== lastUserData) this.layers.userData.changes = true
    this.layers.userData.encoder.symbol(this.userData.at(lastUserData >>> 2), userData)
  }

  private encodeIntensity(record: usize, kind: i32, timeChanged: i32): void {
    const intensity: i32 = load<u16>(record, 12)
    if (intensity !== <i32>load<u16>(this.last, 12)) this.layers.intensities.changes = true
    const group = (kind << 1) | timeChanged
    this.intensities.encode(unchecked(this.lastIntensities[group]), intensity, kind)
    unchecked((this.lastIntensities[group] = intensity))
  }

  /** What is written only where it changes. */
  private encodeRare(changes: i32, record: usize, timeChanged: i32): void {
    const last = this.last
    if (changes & scanAngleChanged) {
      this.layers.scanAngles.changes = true
      this.scanAngles.encode(load<i16>(last, 18), load<i16>(record, 18), timeChanged)
    }
    if (changes & sourceIdChanged) {
      this.layers.sourceIds.changes = true
      this.sourceIds.encode(load<u16>(last, 20), load<u16>(record, 20), 0)
    }
    if (timeChanged) {
      this.layers.gpsTimes.changes = true
      this.gpsTimes.encode(load<i64>(record, 22))
    }
  }
}

/** Single return 3, first 1, last 2, one in between 0. */
function kindOf(returnNumber: i32, returnCount: i32): i32 {
  return (returnNumber === 1 ? 1 : 0) | (returnNumber >= returnCount ? 2 : 0)
}

/** Edge of flight line, scan direction, four classification flags: their byte without the scanner channel. */
function flagsOf(record: usize): i32 {
  const byte: i32 = load<u8>(record, 15)
  return (byte & 0x0f) | ((byte >>> 2) & 0x30)
}
