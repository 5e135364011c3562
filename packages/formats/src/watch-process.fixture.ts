// A limit on the time that a process may take for something, which holds on a busy machine too: processor time counts.
import { readFileSync } from 'node:fs'

/**
 * Tells when the process has taken that much processor time from now on, or has not gone on for ten times as long, as what
 * waits for ever does. Returns what ends the watch.
 */
export function watchProcess(pid: number, milliseconds: number, hang: (problem: string) => void): () => void {
  const [began, used] = [performance.now(), processorMilliseconds(pid)]
  const look = () => {
    const now = processorMilliseconds(pid)
    const waited = performance.now() - began
    // Elsewhere than on Linux the time of day is all there is.
    const worked = used === undefined || now === undefined ? waited : now - used
    if (worked >= milliseconds) hang(`no end within ${milliseconds} ms of processor time`)
    else if (waited >= 10 * milliseconds) hang(`no end within ${10 * milliseconds} ms`)
    // Several threads may be through with the rest in less.
    else timer = setTimeout(look, Math.max((milliseconds - worked) / 2, 50))
  }
  let timer = setTimeout(look, milliseconds)
  return () => clearTimeout(timer)
}

/** Of all threads of the process, since it began; undefined where it is gone or there is no /proc. */
function processorMilliseconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // utime and stime are fields 14 and 15 (proc(5)), in hundredths of a second; the name in field 2 may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return undefined
  }
}
