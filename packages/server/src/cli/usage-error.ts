/** The command line does not make sense; ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
