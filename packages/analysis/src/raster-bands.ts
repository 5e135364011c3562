/** Work on a raster some rows at a time, so that the caller's thread can do other things between. */
import type { Pace } from './pace.ts'

/** Cells between two awaits: some milliseconds. */
const cellsPerTurn = 1 << 17

type Size = { readonly columns: number; readonly rows: number }
/** From the first row to before the second. */
export type Band = readonly [fromRow: number, endRow: number]

/** All rows, in bands of about so many cells. */
export function bandsOf({ columns, rows }: Size): Band[] {
  return bandsOfRows(rows, Math.max(1, Math.floor(cellsPerTurn / columns)))
}

export function bandsOfRows(rows: number, band: number): Band[] {
  return Array.from({ length: Math.ceil(rows / band) }, (_, i) => [i * band, Math.min((i + 1) * band, rows)])
}

/** Runs `work` on all rows, from the first to the last. Tells `pace` of `tells` of the cells, of none or of all. */
export async function byBands(
  size: Size,
  pace: Pace,
  work: (fromRow: number, endRow: number) => void,
  tells: 'none' | 'all' = 'none',
): Promise<void> {
  for (const [fromRow, endRow] of bandsOf(size)) {
    work(fromRow, endRow)
    await pace(tells === 'all' ? (endRow - fromRow) * size.columns : 0)
  }
}
