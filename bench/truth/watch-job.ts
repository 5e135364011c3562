// One job from submission to its end, as a client sees it that asks every 250 ms.
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceProcess } from '../../test/e2e/service-process.ts'

export interface Sample {
  /** Milliseconds since 1970, in the middle of the request. */
  at: number
  percentage: number
  state: string
  step: string
}

export interface WatchedRun {
  /** By the service's log, which has milliseconds where the job has seconds: first attempt begun, success committed. */
  startedAt: number
  endedAt: number
  samples: Sample[]
}

const intervalMs = 250

/** Asks until the job has ended; while the service is down it is asked again. */
export async function sampleProgress(
  service: ServiceProcess,
  token: string,
  jobId: string,
  onSample: (sample: Sample) => void = () => undefined,
): Promise<Sample[]> {
  const url = `${service.url}/realitydataanalysis/jobs/${jobId}/progress`
  const headers = { authorization: `Bearer ${token}` }
  const samples: Sample[] = []
  for (let next = performance.now(); ; next += intervalMs) {
    await delay(Math.max(0, next - performance.now()))
    const before = Date.now()
    const response = await fetch(url, { headers }).catch(() => undefined)
    if (response === undefined) continue
    const at = (before + Date.now()) / 2
    if (!response.ok) throw new Error(`expected 200, got ${response.status} ${await response.text()}`)
    const { progress } = (await response.json()) as { progress: Omit<Sample, 'at'> }
    const sample = { at, ...progress }
    samples.push(sample)
    onSample(sample)
    if (progress.state === 'success') return samples
    if (progress.state !== 'active') throw new Error(`the job ended as ${progress.state}`)
  }
}

/**
 * Milliseconds since 1970 at which the service first logged `msg` for a job. A service that was killed has a log for each
 * of its lives; what is written down after the answer left comes a moment later.
 */
export async function untilLogged(
  logs: () => readonly string[],
  jobId: string,
  msg: string,
): Promise<number> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(20)) {
    const lines = logs().flatMap((log) => log.split('\n').slice(0, -1))
    const line = lines.find((line) => line.includes(jobId) && line.includes(`"msg":"${msg}"`))
    if (line !== undefined) return new Date((JSON.parse(line) as { time: number | string }).time).getTime()
  }
  throw new Error(`'${msg}' was not logged for job ${jobId}`)
}
