// The standard part of point formats 6 to 10: LASzip item POINT14, version 3, in nine layers with a code of their own.
import { ArithmeticEncoder, LazyModels, SymbolModel } from './laz-encode-arithmetic.ts'
import { GpsTimeEncoder } from './laz-encode-gps-time.ts'
import { IntegerEncoder } from './laz-encode-integer.ts'
import { RunningMedian } from './laz-encode-median.ts'
import { int16, int32, uint16 } from './laz-encode-record.ts'
import { returnLevel, returnMap14 } from './laz-encode-returns.ts'

/** Bits that say what of a record differs from the one before of its scanner channel. */
const changed = { returns: 4, scanAngle: 8, gpsTime: 16, sourceId: 32, channel: 64 } as const
/** The lowest two bits: how the return number differs. */
const returnStep = { same: 0, next: 1, previous: 2, other: 3 } as const

const gpsTimeOffset = 22

/** One code per layer, and whether a reader needs it: a layer in which nothing changes is left out. */
export class Layers {
  readonly places = new ArithmeticEncoder()
  readonly heights = new ArithmeticEncoder()
  readonly classifications = new ArithmeticEncoder()
  readonly flags = new ArithmeticEncoder()
  readonly intensities = new ArithmeticEncoder()
  readonly scanAngles = new ArithmeticEncoder()
  readonly userData = new ArithmeticEncoder()
  readonly sourceIds = new ArithmeticEncoder()
  readonly gpsTimes = new ArithmeticEncoder()
  classificationsChange = false
  flagsChange = false
  intensitiesChange = false
  scanAnglesChange = false
  userDataChange = false
  sourceIdsChange = false
  gpsTimesChange = false

  /** In file order. */
  finish(): Uint8Array[] {
    return [
      this.places.finish(),
      this.heights.finish(),
      finishIf(this.classificationsChange, this.classifications),
      finishIf(this.flagsChange, this.flags),
      finishIf(this.intensitiesChange, this.intensities),
      finishIf(this.scanAnglesChange, this.scanAngles),
      finishIf(this.userDataChange, this.userData),
      finishIf(this.sourceIdsChange, this.sourceIds),
      finishIf(this.gpsTimesChange, this.gpsTimes),
    ]
  }
}

export function finishIf(changed: boolean, encoder: ArithmeticEncoder): Uint8Array {
  return changed ? encoder.finish() : new Uint8Array(0)
}

/** Up to four scanner channels take turns; each is predicted from its own points only. */
export class Point14Encoder {
  private readonly layers: Layers
  private readonly channels: (Channel | undefined)[] = [undefined, undefined, undefined, undefined]
  private channel: Channel
  private channelNumber: number

  constructor(layers: Layers, bytes: Uint8Array, first: number) {
    this.layers = layers
    this.channelNumber = scannerChannel(bytes, first)
    this.channel = new Channel(layers, bytes, first)
    this.channels[this.channelNumber] = this.channel
  }

  /** True when the record is of another scanner channel than the one before. */
  encode(bytes: Uint8Array, at: number): boolean {
    const number = scannerChannel(bytes, at)
    const switches = number !== this.channelNumber
    const before = this.channel
    const channel = switches ? (this.channels[number] ?? before) : before
    const changes = channel.changes(bytes, at) | (switches ? changed.channel : 0)
    this.layers.places.symbol(before.changeModel(), changes)
    if (switches) this.switchTo(number, before)
    this.channel.encode(this.layers, changes, bytes, at)
    return switches
  }

  private switchTo(number: number, before: Channel): void {
    this.layers.places.symbol(before.channelSteps, (number - this.channelNumber + 3) & 3)
    // A channel that begins within the chunk continues from the last point of whichever was before.
    this.channel = this.channels[number] ??= new Channel(this.layers, before.last, 0)
    this.channelNumber = number
  }
}

export function scannerChannel(bytes: Uint8Array, at: number): number {
  return (bytes[at + 15]! >>> 4) & 3
}

class Channel {
  /** The first 30 bytes of the channel's last record. */
  readonly last = new Uint8Array(30)
  readonly channelSteps = new SymbolModel(3)
  private gpsTimeChanged = 0
  private readonly changesByReturn = new LazyModels(8, 128)
  private readonly returnCounts = new LazyModels(16, 16)
  private readonly returnNumbers = new LazyModels(16, 16)
  private readonly returnSteps = new SymbolModel(13)
  private readonly dx: IntegerEncoder
  private readonly dy: IntegerEncoder
  private readonly z: IntegerEncoder
  private readonly xMedians = Array.from({ length: 12 }, () => new RunningMedian())
  private readonly yMedians = Array.from({ length: 12 }, () => new RunningMedian())
  private readonly lastHeights: Int32Array
  private readonly classifications = new LazyModels(64, 256)
  private readonly flags = new LazyModels(64, 64)
  private readonly userData = new LazyModels(64, 256)
  private readonly intensities: IntegerEncoder
  private readonly lastIntensities: Int32Array
  private readonly scanAngles: IntegerEncoder
  private readonly sourceIds: IntegerEncoder
  private readonly gpsTimes: GpsTimeEncoder

  constructor(layers: Layers, bytes: Uint8Array, at: number) {
    this.dx = new IntegerEncoder(layers.places, 32, 2)
    this.dy = new IntegerEncoder(layers.places, 32, 22)
    this.z = new IntegerEncoder(layers.heights, 32, 20)
    this.lastHeights = new Int32Array(8).fill(int32(bytes, at + 8))
    this.intensities = new IntegerEncoder(layers.intensities, 16, 4)
    this.lastIntensities = new Int32Array(8).fill(uint16(bytes, at + 12))
    this.scanAngles = new IntegerEncoder(layers.scanAngles, 16, 2)
    this.sourceIds = new IntegerEncoder(layers.sourceIds, 16, 1)
    this.gpsTimes = new GpsTimeEncoder(layers.gpsTimes, bytes, at + gpsTimeOffset, false)
    for (let i = 0; i < 30; i++) this.last[i] = bytes[at + i]!
  }

  /** What changed comes more often after some returns than after others. */
  changeModel(): SymbolModel {
    const number = this.last[14]! & 15
    const count = this.last[14]! >>> 4
    const kind = (number === 1 ? 1 : 0) | (number >= count ? 2 : 0)
    return this.changesByReturn.at(kind | (this.gpsTimeChanged << 2))
  }

  changes(bytes: Uint8Array, at: number): number {
    const { last } = this
    const [before, now] = [last[14]!, bytes[at + 14]!]
    const step = ((now & 15) - (before & 15)) & 15
    return (
      (step === 0
        ? returnStep.same
        : step === 1
          ? returnStep.next
          : step === 15
            ? returnStep.previous
            : returnStep.other) |
      (now >>> 4 === before >>> 4 ? 0 : changed.returns) |
      (uint16(bytes, at + 18) === uint16(last, 18) ? 0 : changed.scanAngle) |
      (int32(bytes, at + 22) === int32(last, 22) && int32(bytes, at + 26) === int32(last, 26)
        ? 0
        : changed.gpsTime) |
      (uint16(bytes, at + 20) === uint16(last, 20) ? 0 : changed.sourceId)
    )
  }

  encode(layers: Layers, changes: number, bytes: Uint8Array, at: number): void {
    const timeChanged = changes & changed.gpsTime ? 1 : 0
    const returnNumber = bytes[at + 14]! & 15
    const returnCount = bytes[at + 14]! >>> 4
    // Single 3, first 1, last 2, in between 0.
    const kind = (returnNumber === 1 ? 1 : 0) | (returnNumber >= returnCount ? 2 : 0)
    this.encodeReturns(layers.places, changes, returnNumber, returnCount)
    this.encodePlace(bytes, at, returnNumber, returnCount, timeChanged)
    this.encodeClassification(layers, bytes[at + 16]!, kind)
    this.encodeFlags(layers, flags(bytes[at + 15]!))
    this.encodeIntensity(layers, uint16(bytes, at + 12), kind, timeChanged)
    this.encodeUserData(layers, bytes[at + 17]!)
    if (changes & changed.scanAngle) {
      layers.scanAnglesChange = true
      this.scanAngles.encode(int16(this.last, 18), int16(bytes, at + 18), timeChanged)
    }
    if (changes & changed.sourceId) {
      layers.sourceIdsChange = true
      this.sourceIds.encode(uint16(this.last, 20), uint16(bytes, at + 20), 0)
    }
    if (timeChanged) {
      layers.gpsTimesChange = true
      this.gpsTimes.encode(bytes, at + gpsTimeOffset)
    }
    this.gpsTimeChanged = timeChanged
    for (let i = 0; i < 30; i++) this.last[i] = bytes[at + i]!
  }

  private encodeReturns(encoder: ArithmeticEncoder, changes: number, number: number, count: number): void {
    const before = this.last[14]!
    if (changes & changed.returns) encoder.symbol(this.returnCounts.at(before >>> 4), count)
    if ((changes & 3) !== returnStep.other) return
    const numberBefore = before & 15
    if (changes & changed.gpsTime) encoder.symbol(this.returnNumbers.at(numberBefore), number)
    else encoder.symbol(this.returnSteps, ((number - numberBefore) & 15) - 2)
  }

  private encodePlace(
    bytes: Uint8Array,
    at: number,
    number: number,
    count: number,
    timeChanged: number,
  ): void {
    const { last, lastHeights } = this
    const single = count === 1 ? 1 : 0
    const group = (returnMap14[16 * count + number]! << 1) | timeChanged
    const xMedian = this.xMedians[group]!
    const dx = (int32(bytes, at) - int32(last, 0)) | 0
    this.dx.encode(xMedian.median, dx, single)
    xMedian.add(dx)

    const xWidth = this.dx.width
    const yMedian = this.yMedians[group]!
    const dy = (int32(bytes, at + 4) - int32(last, 4)) | 0
    this.dy.encode(yMedian.median, dy, single + (xWidth < 20 ? xWidth & ~1 : 20))
    yMedian.add(dy)

    const width = (xWidth + this.dy.width) >>> 1
    const level = returnLevel(count, number)
    const z = int32(bytes, at + 8)
    this.z.encode(lastHeights[level]!, z, single + (width < 18 ? width & ~1 : 18))
    lastHeights[level] = z
  }

  private encodeClassification(layers: Layers, classification: number, kind: number): void {
    const before = this.last[16]!
    if (classification !== before) layers.classificationsChange = true
    const context = ((before & 0x1f) << 1) | (kind === 3 ? 1 : 0)
    layers.classifications.symbol(this.classifications.at(context), classification)
  }

  private encodeFlags(layers: Layers, now: number): void {
    const before = flags(this.last[15]!)
    if (now !== before) layers.flagsChange = true
    layers.flags.symbol(this.flags.at(before), now)
  }

  private encodeIntensity(layers: Layers, intensity: number, kind: number, timeChanged: number): void {
    const { lastIntensities } = this
    if (intensity !== uint16(this.last, 12)) layers.intensitiesChange = true
    const group = (kind << 1) | timeChanged
    this.intensities.encode(lastIntensities[group]!, intensity, kind)
    lastIntensities[group] = intensity
  }

  private encodeUserData(layers: Layers, userData: number): void {
    const before = this.last[17]!
    if (userData !== before) layers.userDataChange = true
    layers.userData.symbol(this.userData.at(before >>> 2), userData)
  }
}

/** The byte of flags without its scanner channel: edge of flight line, scan direction, four classification flags. */
function flags(byte: number): number {
  return (byte & 0x0f) | ((byte >>> 2) & 0x30)
}
