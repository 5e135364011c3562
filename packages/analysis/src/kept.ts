/**
 * Where a long computation leaves what it has done, and looks before it begins: another process may have got so far before
 * it was killed. Columns are arrays of any type, one after the other.
 */
export type Kept = {
  /** What takes longer than so many points is kept in blocks of them. */
  readonly blockPoints: number
  /**
   * Fills the columns with what was kept under this name. False where there is nothing of this size, or nothing to be
   * believed; then they may hold anything.
   */
  take(name: string, columns: readonly ArrayBufferView[]): Promise<boolean>
  /** Returns once the columns may change again. Never fails: what is not kept is computed again. */
  keep(name: string, columns: readonly ArrayBufferView[]): Promise<void>
}

/** The same under names of its own. */
export function keptUnder(kept: Kept | undefined, prefix: string): Kept | undefined {
  return (
    kept && {
      blockPoints: kept.blockPoints,
      take: (name, columns) => kept.take(`${prefix}-${name}`, columns),
      keep: (name, columns) => kept.keep(`${prefix}-${name}`, columns),
    }
  )
}
