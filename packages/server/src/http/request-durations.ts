// How long requests took, by route, method and status, in the shape of a Prometheus histogram.
//
// Our own and not the Histogram of prom-client, which makes and hashes an object of labels for each request; this is
// two look-ups and three additions.

/** Upper bounds in seconds. Uploads take minutes, everything else should take milliseconds. */
export const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600]

interface Series {
  labels: { method: string; route: string; status: string }
  /** Requests by the first bound that holds them; the last is for those above all bounds. */
  counts: number[]
  sumSeconds: number
}

interface Sample {
  metricName: string
  labels: Record<string, string | number>
  value: number
}

export class RequestDurations {
  readonly name = 'http_request_duration_seconds'
  readonly help = 'Time from the head of a request to the end of its answer.'
  readonly type = 'histogram'
  readonly #byRoute = new Map<string, Map<string, Series>>()

  /** `route` is the pattern, e.g. `/jobs/:jobId`, never what a client wrote: there are only so many. */
  observe(route: string, method: string, status: number, seconds: number): void {
    const series = this.#series(route, method, status)
    let bucket = 0
    while (bucket < bucketSeconds.length && seconds > bucketSeconds[bucket]!) bucket++
    series.counts[bucket]!++
    series.sumSeconds += seconds
  }

  #series(route: string, method: string, status: number): Series {
    let ofRoute = this.#byRoute.get(route)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      this.#byRoute.set(route, ofRoute)
    }
    const key = method + status
    let series = ofRoute.get(key)
    if (series === undefined) {
      const counts = Array<number>(bucketSeconds.length + 1).fill(0)
      series = { labels: { method, route, status: String(status) }, counts, sumSeconds: 0 }
      ofRoute.set(key, series)
    }
    return series
  }

  /** What a registry of prom-client asks its metrics for. */
  async get() {
    const { name, help, type } = this
    const values = [...this.#byRoute.values()].flatMap((ofRoute) => [...ofRoute.values()].flatMap(samplesOf))
    return { name, help, type, values, aggregator: 'sum' as const }
  }
}

function samplesOf({ labels, counts, sumSeconds }: Series): Sample[] {
  let soFar = 0
  const buckets = counts.map((count, i) => {
    soFar += count
    const le = bucketSeconds[i] ?? '+Inf'
    return { metricName: 'http_request_duration_seconds_bucket', labels: { ...labels, le }, value: soFar }
  })
  return [
    ...buckets,
    { metricName: 'http_request_duration_seconds_sum', labels, value: sumSeconds },
    { metricName: 'http_request_duration_seconds_count', labels, value: soFar },
  ]
}
