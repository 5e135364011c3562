/** Work on a raster some rows at a time, so that the caller's thread can do other things between. */
import type { Pace } from './pace.ts'

/** Cells between two awaits: some milliseconds. */
export const cellsPerTurn = 1 << 18

/** Runs `work` on all rows, from the first to the last or, `backwards`, the other way. Tells `pace` of no cells. */
export async function byBands(
  { columns, rows }: { readonly columns: number; readonly rows: number },
  pace: Pace,
  work: (fromRow: number, endRow: number) => void,
  backwards = false,
): Promise<void> {
  const band = Math.max(1, Math.floor(cellsPerTurn / columns))
  for (let done = 0; done < rows; done += band) {
    const end = Math.min(done + band, rows)
    if (backwards) work(rows - end, rows - done)
    else work(done, end)
    await pace(0)
  }
}
