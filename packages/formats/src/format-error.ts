// The one error every reader in this package throws for bytes it cannot read.

/**
 * `NotAPointCloud`: the first bytes belong to another kind of file. `Corrupt`: the bytes contradict the format
 * or each other. `Unsupported`: legal, but beyond this reader. `Invalid`: a JSON text that breaks its model. `Changed`:
 * the file was written to while it was read. `TooLarge`: more than the format to be written can hold.
 */
export type FormatErrorCode =
  | 'NotAPointCloud'
  | 'Corrupt'
  | 'Unsupported'
  | 'Invalid'
  | 'Changed'
  | 'TooLarge'

/** Bad or unreadable data; `message` names the place, what was expected there and what was found. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly code: FormatErrorCode
  /** Where: a byte offset (`byte 96`), a chunk, a JSON path. */
  readonly place: string

  constructor(code: FormatErrorCode, place: string, problem: string, options?: ErrorOptions) {
    super(`${place}: ${problem}`, options)
    this.code = code
    this.place = place
  }
}

/** `expected ..., got ...` as a FormatError of code `Corrupt`. */
export function corrupt(place: string, expected: string, got: unknown, options?: ErrorOptions): FormatError {
  return new FormatError('Corrupt', place, `expected ${expected}, got ${String(got)}`, options)
}

/** A file that its format cannot hold, as a FormatError of code `TooLarge`. */
export function tooLarge(file: string, mostBytes: number, bytes: number): FormatError {
  return new FormatError('TooLarge', file, `expected at most ${mostBytes} bytes, got ${bytes}`)
}
