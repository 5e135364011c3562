// Binary glTF (glTF 2.0, section 4): a JSON text and one buffer in one file.

/** Pieces of the buffer, each a buffer view. */
export class GlbBuffer {
  readonly views: { buffer: 0; byteOffset: number; byteLength: number; target?: number }[] = []
  private readonly pieces: Uint8Array[] = []
  private bytes = 0

  /** The number of the new view. Views start at multiples of eight, which fits every type of number. */
  add(values: Float32Array | Float64Array | Uint32Array | Uint8Array, target?: number): number {
    const piece = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.views.push({
      buffer: 0,
      byteOffset: this.bytes,
      byteLength: piece.length,
      ...(target && { target }),
    })
    const padding = new Uint8Array(-piece.length & 7)
    this.pieces.push(piece, padding)
    this.bytes += piece.length + padding.length
    return this.views.length - 1
  }

  get byteLength(): number {
    return this.bytes
  }

  copyTo(bytes: Uint8Array, at: number): void {
    for (const piece of this.pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
  }
}

/** What `json` leaves out: buffer, its views, and the version. */
export function encodeGlb(json: Readonly<Record<string, unknown>>, buffer: GlbBuffer): Uint8Array {
  const whole = {
    asset: { version: '2.0', generator: 'Alidade' },
    ...json,
    buffers: [{ byteLength: buffer.byteLength }],
    bufferViews: buffer.views,
  }
  const text = Buffer.from(JSON.stringify(whole), 'utf8')
  // The buffer starts at a multiple of eight, as numbers of eight bytes in it have to.
  const textBytes = text.length + (-(28 + text.length) & 7)
  const bytes = new Uint8Array(28 + textBytes + buffer.byteLength)
  const view = new DataView(bytes.buffer)
  const words = [0x46546c67, 2, bytes.length, textBytes, 0x4e4f534a]
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true)
  bytes.fill(0x20, 20, 20 + textBytes)
  bytes.set(text, 20)
  view.setUint32(20 + textBytes, buffer.byteLength, true)
  view.setUint32(24 + textBytes, 0x004e4942, true)
  buffer.copyTo(bytes, 28 + textBytes)
  return bytes
}
