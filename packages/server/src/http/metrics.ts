// What /metrics says, in the text format of Prometheus. Labels are patterns and states, never a tenant, an id or a
// name: whoever may read the numbers of a service need not know whose they are.
import { collectDefaultMetrics, Counter, Gauge, type Metric, Registry } from 'prom-client'
import type { DiskSpace } from '../disk/watch-disk.ts'
import type { Swept } from '../agent/sweeper.ts'
import type { JobCensus } from '../store/job-census.ts'
import type { DeliveryCensus } from '../store/webhook-store.ts'
import { RequestDurations } from './request-durations.ts'
import { sharedFor } from './shared-for.ts'

export interface MetricsOptions {
  /** Counts the jobs; what it says is kept for five seconds or more, so that nobody can keep the database busy by asking. */
  census: () => Promise<JobCensus>
  /** Counts what webhooks are sent; kept as long. */
  deliveries: () => Promise<DeliveryCensus>
  /** The disk of the data folder. */
  disk: () => DiskSpace
  onFault: (error: unknown) => void
}

export interface Metrics {
  requests: RequestDurations
  /** Counts what a sweep removed; undefined: it failed. */
  swept(swept: Swept | undefined): void
  contentType: string
  text(): Promise<string>
}

/** How long a census is told on; it looks at every job, so that a million of them take part of a second. */
const censusMs = 5000
/** Of the time that may go into it. */
const censusShare = 0.02

export function openMetrics({ census, deliveries, disk, onFault }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new RequestDurations()
  registry.registerMetric(requests as unknown as Metric)

  /** What cannot be told is left out: the other numbers are wanted most when something is wrong. */
  const counting = <T>(count: () => Promise<T>) =>
    sharedFor(
      censusMs,
      () =>
        count().catch((error: unknown) => {
          onFault(error)
          return undefined
        }),
      censusShare,
    )
  const counted = counting(census)
  const deliveriesCounted = counting(deliveries)
  const tell = (name: string, help: string, value: () => Promise<number | undefined>) =>
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        this.remove()
        const told = await value()
        if (typeof told === 'number') this.set(told)
      },
    })
  new Gauge({
    ...{ name: 'alidade_jobs', help: 'Jobs by state.', labelNames: ['state'], registers },
    async collect() {
      this.reset()
      for (const [state, jobs] of Object.entries((await counted())?.byState ?? {})) this.set({ state }, jobs)
    },
  })
  tell(
    'alidade_queue_length',
    'Submitted jobs that wait for an agent.',
    async () => (await counted())?.waiting,
  )
  tell('alidade_active_attempts', 'Jobs that an agent works on.', async () => (await counted())?.underWay)
  tell(
    'alidade_job_losses',
    'Workers lost in the middle of a job, over all jobs that are kept.',
    async () => (await counted())?.losses,
  )
  new Gauge({
    ...{ name: 'alidade_webhook_deliveries', help: 'Events for webhooks by state, of the last 30 days.' },
    ...{ labelNames: ['state'], registers },
    async collect() {
      this.reset()
      for (const [state, count] of Object.entries((await deliveriesCounted()) ?? {})) {
        this.set({ state }, count)
      }
    },
  })
  tell('alidade_disk_free_bytes', 'Space left for the data folder.', async () => disk().freeBytes)
  tell(
    'alidade_disk_low',
    '1 while the disk is nearly full: uploads are refused and no job is begun.',
    async () => (disk().low ? 1 : 0),
  )

  const sweeps = new Counter({
    ...{ name: 'alidade_sweeps_total', help: 'Sweeps of this process.', labelNames: ['result'], registers },
  })
  const sweptContainers = new Counter({
    ...{ name: 'alidade_swept_containers_total', labelNames: ['reason'], registers },
    help: 'Containers that sweeps of this process removed.',
  })
  const sweptBytes = new Counter({
    ...{ name: 'alidade_swept_bytes_total', labelNames: ['reason'], registers },
    help: 'Bytes that sweeps of this process freed.',
  })

  return {
    requests,
    swept: (swept) => {
      sweeps.inc({ result: swept === undefined ? 'failed' : 'done' })
      for (const { reason, sizeBytes } of swept?.containers ?? []) {
        sweptContainers.inc({ reason })
        sweptBytes.inc({ reason }, sizeBytes)
      }
      sweptBytes.inc({ reason: 'half_upload' }, swept?.leftovers.bytesRemoved ?? 0)
    },
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${await processMetrics().metrics()}`,
  }
}

/** Of the process, whatever the number of services in it: they watch it for as long as it lives. */
let ofProcess: Registry | undefined
function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess
}
