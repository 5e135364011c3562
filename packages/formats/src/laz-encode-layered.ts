// A chunk of point formats 6 to 8: the first record as it is, the number of points, the sizes of the layers, the layers.
import { ArithmeticEncoder, SymbolModel } from './laz-encode-arithmetic.ts'
import { ColourModels, copyColour, InfraredModels } from './laz-encode-colours.ts'
import { finishIf, Layers, Point14Encoder, scannerChannel } from './laz-encode-point14.ts'
import { baseRecordLength, rgbOffset } from './las-point-formats.ts'

/** At least one record. */
export function encodeLayeredChunk(
  records: Uint8Array,
  count: number,
  pointFormat: number,
  recordLength: number,
): Uint8Array {
  const layers = new Layers()
  const points = new Point14Encoder(layers, records, 0)
  const rgbAt = rgbOffset(pointFormat)
  const base = baseRecordLength(pointFormat)
  const firstChannel = scannerChannel(records, 0)
  const colours =
    rgbAt === undefined ? undefined : new ColourLayers(records, rgbAt, base - rgbAt, firstChannel)
  const extra =
    recordLength === base ? undefined : new ByteLayers(records, base, recordLength - base, firstChannel)
  for (let i = 1, at = recordLength; i < count; i++, at += recordLength) {
    const switches = points.encode(records, at)
    // Version 3 tells the items behind the point of its scanner channel only where that changes; else they are in 0.
    const channel = switches ? scannerChannel(records, at) : 0
    if (colours) colours.encode(records, at + rgbAt!, channel)
    if (extra) extra.encode(records, at + base, channel)
  }
  const coded = [...layers.finish(), ...(colours?.finish() ?? []), ...(extra?.finish() ?? [])]
  return joinLayers(records.subarray(0, recordLength), count, coded)
}

function joinLayers(first: Uint8Array, count: number, layers: readonly Uint8Array[]): Uint8Array {
  const head = first.length + 4 + 4 * layers.length
  const chunk = new Uint8Array(layers.reduce((sum, layer) => sum + layer.length, head))
  const view = new DataView(chunk.buffer)
  chunk.set(first)
  view.setUint32(first.length, count, true)
  let at = head
  for (const [i, layer] of layers.entries()) {
    view.setUint32(first.length + 4 + 4 * i, layer.length, true)
    chunk.set(layer, at)
    at += layer.length
  }
  return chunk
}

/**
 * What goes with the point, by the channel that it is told. On a change to a channel that is known already, version
 * 3 predicts from, and remembers in, the channel it comes from: a slip of the first implementation that all share.
 */
class ByChannel<Last extends Int32Array | Uint8Array, Models> {
  models: Models
  private readonly all: ({ readonly last: Last; readonly models: Models } | undefined)[] = []
  private channel: number
  private readonly create: () => Models

  constructor(first: Last, channel: number, create: () => Models) {
    this.channel = channel
    this.create = create
    this.models = create()
    this.all[channel] = { last: first, models: this.models }
  }

  /** Sets `models`, and gives the last item to predict from and to keep. */
  select(channel: number): Last {
    let { last } = this.all[this.channel]!
    if (channel === this.channel) return last
    let selected = this.all[channel]
    if (!selected) {
      last = last.slice() as Last
      selected = this.all[channel] = { last, models: this.create() }
    }
    this.channel = channel
    this.models = selected.models
    return last
  }
}

/** Colours in one layer; near infrared, if there is any, in a second. */
class ColourLayers {
  private readonly colours = new ArithmeticEncoder()
  private readonly infrared: ArithmeticEncoder | undefined
  private readonly byChannel: ByChannel<
    Int32Array,
    { colours: ColourModels; infrared: InfraredModels | undefined }
  >
  private coloursChange = false
  private infraredChanges = false

  constructor(records: Uint8Array, at: number, sizeBytes: number, channel: number) {
    const infrared = sizeBytes > 6
    if (infrared) this.infrared = new ArithmeticEncoder()
    const first = new Int32Array(4)
    copyColour(first, records, at, sizeBytes / 2)
    this.byChannel = new ByChannel(first, channel, () => ({
      colours: new ColourModels(),
      infrared: infrared ? new InfraredModels() : undefined,
    }))
  }

  encode(records: Uint8Array, at: number, channel: number): void {
    const last = this.byChannel.select(channel)
    const { colours, infrared } = this.byChannel.models
    if (colours.encode(this.colours, last, records, at)) this.coloursChange = true
    if (infrared && infrared.encode(this.infrared!, last, records, at + 6)) this.infraredChanges = true
  }

  finish(): Uint8Array[] {
    const layers = [finishIf(this.coloursChange, this.colours)]
    if (this.infrared) layers.push(finishIf(this.infraredChanges, this.infrared))
    return layers
  }
}

/** Every extra byte has a layer of its own: LASzip item BYTE14, version 3. */
class ByteLayers {
  private readonly encoders: ArithmeticEncoder[]
  private readonly change: boolean[]
  private readonly byChannel: ByChannel<Uint8Array, SymbolModel[]>

  constructor(records: Uint8Array, at: number, count: number, channel: number) {
    this.encoders = Array.from({ length: count }, () => new ArithmeticEncoder())
    this.change = new Array<boolean>(count).fill(false)
    const create = () => this.encoders.map(() => new SymbolModel(256))
    this.byChannel = new ByChannel(records.slice(at, at + count), channel, create)
  }

  encode(records: Uint8Array, at: number, channel: number): void {
    const last = this.byChannel.select(channel)
    const { models } = this.byChannel
    for (let i = 0; i < models.length; i++) {
      const byte = records[at + i]!
      const difference = (byte - last[i]!) & 0xff
      this.encoders[i]!.symbol(models[i]!, difference)
      if (difference === 0) continue
      this.change[i] = true
      last[i] = byte
    }
  }

  finish(): Uint8Array[] {
    return this.encoders.map((encoder, i) => finishIf(this.change[i]!, encoder))
  }
}
