/** Reads `Range` and `x-ms-range`, RFC 9110 section 14. */

export interface ByteRange {
  readonly offset: number
  readonly lengthBytes: number
}

/**
 * The one range asked for, cut at the end of the blob; undefined means the whole blob, `unsatisfiable` a 416.
 * What is not one well-formed byte range is ignored, as the RFC allows and Azure does.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const lengthBytes = Math.min(Number(last), sizeBytes)
    return lengthBytes === 0 ? 'unsatisfiable' : { offset: sizeBytes - lengthBytes, lengthBytes }
  }
  const offset = Number(first)
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)
  if (last !== '' && Number(last) < offset) return undefined
  return offset >= sizeBytes ? 'unsatisfiable' : { offset, lengthBytes: end - offset }
}
