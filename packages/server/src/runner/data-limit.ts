// Whether this process has had all the memory that the system lets it have. Then an error of any kind may come of that:
// threads that do not start, modules that cannot be compiled, assertions inside Node.
import { readFileSync } from 'node:fs'

/** So near to its limit a process cannot do much: a thread of Node takes more. */
const marginBytes = 64e6

/** Never throws; false where the system does not tell. */
export function isAtDataLimit(): boolean {
  try {
    const limit = /^Max data size +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    const used = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return limit !== undefined && used !== undefined && Number(used) * 1024 > Number(limit) - marginBytes
  } catch {
    return false // no /proc, or not even memory for this
  }
}
