import { ArithmeticEncoder } from './arithmetic'

/** A code of its own within a chunk; it is left out when nothing in it changes. */
export class Layer {
  readonly encoder: ArithmeticEncoder
  changes: bool = false

  constructor(mostBytes: usize) {
    this.encoder = new ArithmeticEncoder(mostBytes)
  }

  /** Bytes it takes; to be called once. */
  finish(): usize {
    return this.changes ? this.encoder.finish() : 0
  }
}
