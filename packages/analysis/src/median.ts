/** Values by their place in order, without sorting what nobody asks for. */

/** The upper median. Moves values about; 0 for none. */
export function medianOf(values: Float64Array): number {
  return valueInOrder(values, values.length >> 1) ?? 0
}

/**
 * The value that sorting would bring to this place; undefined beyond the last. Moves values about. Quickselect (Hoare 1961,
 * "Algorithm 65: Find") with the median of three as pivot.
 */
export function valueInOrder(values: Float64Array | Float32Array, wanted: number): number | undefined {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = middleOf(values[low]!, values[(low + high) >>> 1]!, values[high]!)
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const value = values[i]!
      values[i++] = values[j]!
      values[j--] = value
    }
    if (wanted <= j) high = j
    else if (wanted >= i) low = i
    else break
  }
  return values[wanted]
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
