// What thousands of slow connections do to everybody else: silent ones, heads and JSON bodies that drip, uploads that
// drip, each opened again when the service closes it. Normal clients ask for progress meanwhile.
//
//   node bench/slow-connections.ts [connections] [seconds]
//
// Needs open files for all of them (`ulimit -n`) and /proc, hence Linux. The last line is JSON.
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../packages/client/src/index.ts'
import { startServiceProcess } from '../test/e2e/service-process.ts'
import { startLoad } from './http/load-process.ts'
import type { ClosedAfter, SlowConnections, SlowKind } from './http/slow-connections.ts'

const [connections = 5000, seconds = 90] = process.argv.slice(2).map(Number)
const requestsPerSecond = 25
const openingSeconds = 15

const service = await startServiceProcess()
const port = Number(new URL(service.url).port)
try {
  const token = await service.token('--expires', '2h')
  const client = createClient({ baseUrl: service.url, token: () => token })
  const iTwinId = randomUUID()
  const inputs = []
  for (const type of ['pointClouds1', 'pointClouds2']) {
    inputs.push({
      type,
      id: (await client.realityData.create({ displayName: type, type: 'LAS', iTwinId })).id,
    })
  }
  const outputs = ['objects3D']
  const job = { type: 'changeDetection', name: 'bench', iTwinId, inputs, outputs }
  const { id } = await client.jobs.create(job)
  const container = new URL(await client.realityData.writeAccess(inputs[0]!.id))
  const progress = `/realitydataanalysis/jobs/${id}/progress`

  const quiet = await measure(progress, token, 10)
  const before = await state()
  const kinds = slowKinds(token, container)
  // In a process of its own: what it does to the clients here is what the service does.
  const attack = startLoad<SlowConnections, ClosedAfter>('./slow-connections.ts')
  const ended = attack.run({ port, kinds, connections, seconds: openingSeconds + seconds + 2 })
  let mostMegabytes = 0
  const watch = setInterval(() => {
    void memory().then(({ megabytes }) => {
      mostMegabytes = Math.max(mostMegabytes, megabytes)
    })
  }, 500)
  const opening = await measure(progress, token, openingSeconds)
  const besieged = await measure(progress, token, seconds)
  clearInterval(watch)
  const during = { ...(await state()), mostMegabytes }
  const closed = await ended
  attack.stop()
  const after = await settled(before.openFiles)

  console.log(`${connections} connections, ${seconds} s, load average ${loadavg()[0]!.toFixed(1)}`)
  console.log(`answers without them: ${shown(quiet)}`)
  console.log(`answers while they come: ${shown(opening)}`)
  console.log(`answers among them:   ${shown(besieged)}`)
  for (const [kind, { count, longest }] of Object.entries(closed)) {
    console.log(`${kind}: ${count} closed by the service, the slowest after ${longest.toFixed(1)} s`)
  }
  console.log(
    `memory: ${before.megabytes} MB before, ${mostMegabytes} MB at most, ${after.megabytes} MB afterwards; ` +
      `open files: ${before.openFiles}, ${during.openFiles}, ${after.openFiles}; files left in the blob folder: ${after.blobFiles}`,
  )
  console.log(
    JSON.stringify({ connections, seconds, quiet, opening, besieged, closed, before, during, after }),
  )
} finally {
  await service.remove()
}

function slowKinds(token: string, container: URL): SlowKind[] {
  const post = `POST /realitydataanalysis/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
  const put = `PUT ${container.pathname}/slow-${randomUUID()}.las${container.search} HTTP/1.1\r\nHost: x\r\nx-ms-blob-type: BlockBlob\r\n`
  return [
    { name: 'silent', start: '', drip: '' },
    { name: 'dripping head', start: 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', drip: 'a' },
    {
      name: 'dripping JSON body',
      start: `${post}Authorization: Bearer ${token}\r\nContent-Length: 1000000\r\n\r\n{"name":"`,
      drip: 'a',
    },
    { name: 'dripping upload', start: `${put}Content-Length: 1000000\r\n\r\nLASF`, drip: 'a' },
  ]
}

interface Latencies {
  requests: number
  errors: number
  medianMs: number
  p99Ms: number
  longestMs: number
}

/** Normal clients: half of the requests on kept connections, half on new ones, at an even pace. */
async function measure(path: string, token: string, forSeconds: number): Promise<Latencies> {
  const kept = new Agent({ keepAlive: true })
  const times: number[] = []
  let errors = 0
  const ask = (agent: Agent | false) =>
    new Promise<void>((resolve) => {
      const began = performance.now()
      const headers = { authorization: `Bearer ${token}` }
      get({ port, host: '127.0.0.1', path, headers, agent }, (answer) => {
        if (answer.statusCode !== 200) errors++
        answer.resume().on('end', () => {
          times.push(performance.now() - began)
          resolve()
        })
      }).on('error', () => {
        errors++
        resolve()
      })
    })
  const asked: Promise<void>[] = []
  for (let i = 0; i < forSeconds * requestsPerSecond; i++) {
    asked.push(ask(i % 2 === 0 && kept))
    await delay(1000 / requestsPerSecond)
  }
  await Promise.all(asked)
  kept.destroy()
  const sorted = times.sort((a, b) => a - b)
  const at = (share: number) =>
    Number((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1))
  return { requests: asked.length, errors, medianMs: at(0.5), p99Ms: at(0.99), longestMs: at(1) }
}

async function memory() {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8')
  return { megabytes: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024) }
}

async function state() {
  const openFiles = (await readdir(`/proc/${service.pid}/fd`)).length
  const inBlobs = await readdir(join(service.dataDir, 'blobs'), { recursive: true, withFileTypes: true })
  const blobFiles = inBlobs.filter((entry) => entry.isFile()).length
  return { ...(await memory()), openFiles, blobFiles }
}

/** Once the service has let go of all that was opened, at the latest after half a minute. */
async function settled(openFiles: number) {
  for (let i = 0; i < 60; i++) {
    const now = await state()
    if (now.openFiles <= openFiles && now.blobFiles === 0) return now
    await delay(500)
  }
  return state()
}

function shown({ requests, errors, medianMs, p99Ms, longestMs }: Latencies): string {
  return `median ${medianMs} ms, 99 % within ${p99Ms} ms, longest ${longestMs} ms (${requests} requests, ${errors} failed)`
}
