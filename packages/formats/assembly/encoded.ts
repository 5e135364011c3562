/** A piece of memory with something coded in it. */
export class Encoded {
  constructor(
    readonly at: usize,
    readonly sizeBytes: usize,
  ) {}
}
