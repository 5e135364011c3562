// The most resident memory a process of this machine has had, in megabytes; Linux only.
import { readFile } from 'node:fs/promises'

export async function peakMegabytes(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
  return kibibytes === undefined ? 'unknown' : ((Number(kibibytes) * 1024) / 1e6).toFixed(0)
}
