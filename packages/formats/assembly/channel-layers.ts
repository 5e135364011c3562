// What goes with a point of formats 6 to 8, by scanner channel: colours and extra bytes.
//
// On a change to a channel that is known already, version 3 predicts from, and remembers in, the channel it comes from: a
// slip of the first implementation that readers share.
import { mostBytesPerSymbol, SymbolModel } from './arithmetic'
import { ColourModels, InfraredModels, mostBytesPerColour, mostBytesPerInfrared } from './colours'
import { Layer } from './layer'

/** The last item of each channel, in memory of its own. */
class LastItems {
  channel: i32
  private readonly sizeBytes: usize
  private readonly items: StaticArray<usize> = new StaticArray<usize>(4)

  constructor(first: usize, sizeBytes: usize, channel: i32) {
    this.sizeBytes = sizeBytes
    this.channel = channel
    this.add(channel, first)
  }

  /** The item to predict from, and to put the new one into; `channel` is then the one whose statistics count. */
  select(channel: i32): usize {
    const last = unchecked(this.items[this.channel])
    if (channel === this.channel) return last
    this.channel = channel
    return unchecked(this.items[channel]) === 0 ? this.add(channel, last) : last
  }

  private add(channel: i32, from: usize): usize {
    const item = heap.alloc(this.sizeBytes)
    memory.copy(item, from, this.sizeBytes)
    this.items[channel] = item
    return item
  }
}

/** Colours in one layer; near infrared, if there is any, in a second. */
export class ColourLayers {
  private readonly colours: Layer
  private readonly infrared: Layer
  private readonly channels: u32
  private readonly last: LastItems
  private readonly colourModels: StaticArray<ColourModels | null> = new StaticArray<ColourModels | null>(4)
  private readonly infraredModels: StaticArray<InfraredModels | null> =
    new StaticArray<InfraredModels | null>(4)

  /** `channels`: none, 3 or 4 of 16 bits. */
  constructor(count: usize, first: usize, channels: u32, scannerChannel: i32) {
    this.channels = channels
    this.colours = new Layer(channels > 0 ? count * mostBytesPerColour : 0)
    this.infrared = new Layer(channels > 3 ? count * mostBytesPerInfrared : 0)
    this.last = new LastItems(first, 2 * channels, scannerChannel)
  }

  encode(colour: usize, scannerChannel: i32): void {
    const last = this.last.select(scannerChannel)
    if (this.coloursOf(scannerChannel).encode(this.colours.encoder, last, colour)) this.colours.changes = true
    if (this.channels > 3) {
      const models = this.infraredOf(scannerChannel)
      if (models.encode(this.infrared.encoder, last + 6, colour + 6)) this.infrared.changes = true
    }
    memory.copy(last, colour, 2 * this.channels)
  }

  all(): Layer[] {
    if (this.channels === 0) return []
    return this.channels === 3 ? [this.colours] : [this.colours, this.infrared]
  }

  private coloursOf(scannerChannel: i32): ColourModels {
    let models = unchecked(this.colourModels[scannerChannel])
    if (models === null) {
      models = new ColourModels()
      unchecked((this.colourModels[scannerChannel] = models))
    }
    return models
  }

  private infraredOf(scannerChannel: i32): InfraredModels {
    let models = unchecked(this.infraredModels[scannerChannel])
    if (models === null) {
      models = new InfraredModels()
      unchecked((this.infraredModels[scannerChannel] = models))
    }
    return models
  }
}

/** Every extra byte has a layer of its own: LASzip item BYTE14, version 3. */
export class ByteLayers {
  private readonly layers: Layer[] = []
  private readonly last: LastItems
  private readonly models: StaticArray<StaticArray<SymbolModel> | null> =
    new StaticArray<StaticArray<SymbolModel> | null>(4)

  constructor(count: usize, first: usize, bytes: i32, scannerChannel: i32) {
    this.last = new LastItems(first, bytes, scannerChannel)
    for (let i = 0; i < bytes; i++) this.layers.push(new Layer(count * mostBytesPerSymbol))
  }

  encode(bytes: usize, scannerChannel: i32): void {
    const last = this.last.select(scannerChannel)
    const models = this.modelsOf(scannerChannel)
    for (let i = 0; i < models.length; i++) {
      const byte: i32 = load<u8>(bytes + i)
      const difference = (byte - <i32>load<u8>(last + i)) & 0xff
      const layer = unchecked(this.layers[i])
      layer.encoder.symbol(unchecked(models[i]), difference)
      if (difference === 0) continue
      layer.changes = true
      store<u8>(last + i, byte)
    }
  }

  all(): Layer[] {
    return this.layers
  }

  private modelsOf(scannerChannel: i32): StaticArray<SymbolModel> {
    let models = unchecked(this.models[scannerChannel])
    if (models === null) {
      models = new StaticArray<SymbolModel>(this.layers.length)
      for (let i = 0; i < models.length; i++) models[i] = new SymbolModel(256)
      unchecked((this.models[scannerChannel] = models))
    }
    return models
  }
}
