// Shared buffers are freed by the collector of the main thread, which has next to nothing of its own to collect and so does
// not run for long: the trees of two surveys, 20 bytes a point, would stay beside what comes after them.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Frees what nobody refers to any more; takes some milliseconds. */
export function releaseMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}
