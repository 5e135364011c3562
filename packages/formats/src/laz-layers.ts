// The frame of a layered chunk (point formats 6-8): one raw point, a point count, the byte count of each layer.

/**
 * What contradicts the chunk's own byte count, or nothing. The decoder takes these sizes on trust, so they are
 * added up before it sees them.
 */
export function layeredChunkProblem(
  bytes: Uint8Array,
  pointFormat: number,
  recordLength: number,
): { expected: string; got: string } | undefined {
  const base = [30, 36, 38][pointFormat - 6]!
  // Point14 has nine layers, RGB14 one, RGBNIR14 two, and every extra byte has one of its own.
  const layers = 9 + [0, 1, 2][pointFormat - 6]! + (recordLength - base)
  const sizesAt = recordLength + 4
  const headBytes = sizesAt + 4 * layers
  if (bytes.length === recordLength) return undefined
  if (bytes.length < headBytes)
    return { expected: `a head of ${headBytes} bytes`, got: `${bytes.length} bytes` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let sum = headBytes
  for (let i = 0; i < layers; i++) sum += view.getUint32(sizesAt + 4 * i, true)
  if (sum === bytes.length) return undefined
  return { expected: `layers that fill ${bytes.length} bytes`, got: `${sum} bytes` }
}
