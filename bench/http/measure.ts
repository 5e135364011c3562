// What benches of servers count with.
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'

/** User and system time of a process so far: fields 14 and 15 of /proc/<pid>/stat (proc(5)), in hundredths of a second. */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The value below which `share` of all lie. Sorts a copy. */
export function quantile(values: readonly number[] | Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}

/** What a figure has to be read with. */
export function machine() {
  const [load1 = 0] = loadavg()
  return { cores: availableParallelism(), processor: cpus()[0]?.model.trim(), load1, node: process.version }
}

/** What a process holds in memory, in 1e6 bytes. */
export async function residentMegabytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? 0) * 1.024e-3)
}

/** Starts to watch; the function returned tells how much of all cores was in use since. */
export function busyShare(): () => number {
  const times = () =>
    cpus().reduce(
      (sum, { times: { idle, ...busy } }) => ({
        idle: sum.idle + idle,
        busy: sum.busy + busy.user + busy.nice + busy.sys + busy.irq,
      }),
      { idle: 0, busy: 0 },
    )
  const before = times()
  return () => {
    const after = times()
    const busy = after.busy - before.busy
    return busy / (busy + after.idle - before.idle)
  }
}
