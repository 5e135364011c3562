/** What was asked for cannot be done, and not because of how it was asked; ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** Its message says all; a stack would not help. */
  readonly code = 'CommandError'
}
