// A chunk of point formats 6 to 8: the first record as it is, the number of points, the sizes of the layers, the layers.
import { ByteLayers, ColourLayers } from './channel-layers'
import { Encoded } from './encoded'
import { Layer } from './layer'
import { Point14Encoder, PointLayers, scannerChannel } from './point14'

const colourAt: u32 = 30

export function encodeLayered(records: usize, count: u32, pointFormat: u32, recordLength: u32): Encoded {
  const channels: u32 = pointFormat === 6 ? 0 : pointFormat === 7 ? 3 : 4
  const base = colourAt + 2 * channels
  const layers = new PointLayers(count)
  const points = new Point14Encoder(layers, records)
  const firstChannel = scannerChannel(records)
  const colours = new ColourLayers(count, records + colourAt, channels, firstChannel)
  const bytes = new ByteLayers(count, records + base, recordLength - base, firstChannel)
  for (let i: u32 = 1; i < count; i++) {
    const record = records + i * recordLength
    const switches = points.encode(record)
    // Version 3 tells the items behind the point of its scanner channel only where that changes; else they are in 0.
    const channel = switches ? scannerChannel(record) : 0
    if (channels > 0) colours.encode(record + colourAt, channel)
    if (recordLength > base) bytes.encode(record + base, channel)
  }
  return join(records, recordLength, count, layers.all().concat(colours.all()).concat(bytes.all()))
}

function join(first: usize, recordLength: u32, count: u32, layers: Layer[]): Encoded {
  const sizes = new StaticArray<u32>(layers.length)
  const head = recordLength + 4 + 4 * layers.length
  let sizeBytes: usize = head
  for (let i = 0; i < layers.length; i++) {
    sizes[i] = <u32>layers[i].finish()
    sizeBytes += sizes[i]
  }
  const chunk = heap.alloc(sizeBytes)
  memory.copy(chunk, first, recordLength)
  store<u32>(chunk + recordLength, count)
  let at = chunk + head
  for (let i = 0; i < layers.length; i++) {
    store<u32>(chunk + recordLength + 4 + 4 * i, sizes[i])
    memory.copy(at, layers[i].encoder.start, sizes[i])
    at += sizes[i]
  }
  return new Encoded(chunk, sizeBytes)
}
