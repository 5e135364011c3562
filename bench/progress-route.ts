// GET progress through the real service (bearer token, scopes, rate limit, correlation id, a log line to a file each)
// beside a bare node:http server that sends the same body: requests per second and processor time of the server.
//
//   node bench/progress-route.ts [rounds] [seconds] [connections]
//
// Both servers run in processes of their own, in alternating rounds, so that whatever else the machine does falls on
// both. Processor time is read from /proc, hence Linux only. The last line is JSON.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '../packages/client/src/index.ts'

const [rounds = 7, seconds = 4, connections = 32] = process.argv.slice(2).map(Number)
const alidade = fileURLToPath(new URL('../packages/server/bin/alidade.js', import.meta.url))

interface Server {
  name: string
  pid: number
  port: number
  /** One request, as bytes. */
  request: string
  stop(): Promise<void>
}

interface Round {
  requestsPerSecond: number
  microsecondsPerRequest: number
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
const servers: Server[] = []
try {
  const service = await startService()
  const body = await bodyOf(service)
  servers.push(service)
  servers.push(await startBare(body, service.request))
  for (const server of servers) await load(server, 2)
  const measured = new Map<string, Round[]>(servers.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) measured.get(server.name)!.push(await load(server, seconds))
  }
  report(measured)
  const logBytes = (await stat(join(folder, 'log'))).size
  console.log(`log: ${(logBytes / 1e6).toFixed(1)} MB`)
} finally {
  for (const server of servers) await server.stop()
  await rm(folder, { recursive: true, force: true })
}

async function startService(): Promise<Server> {
  const dataDir = join(folder, 'data')
  const log = openSync(join(folder, 'log'), 'w')
  const { pid, url, stop } = await started(
    [alidade, 'up', '--port', '0', '--data-dir', dataDir, '--rate-limit', '100000000'],
    log,
  )
  closeSync(log)
  const token = (await output([alidade, 'token', '--data-dir', dataDir, '--expires', '12h'])).trim()
  const client = createClient({ baseUrl: url, token: () => token })
  const iTwinId = randomUUID()
  const inputs = []
  for (const type of ['pointClouds1', 'pointClouds2']) {
    const { id } = await client.realityData.create({ displayName: type, type: 'LAS', iTwinId })
    inputs.push({ type, id })
  }
  const job = { type: 'changeDetection', name: 'bench', iTwinId, inputs, outputs: ['objects3D'] }
  const { id } = await client.jobs.create(job)
  const request =
    `GET /realitydataanalysis/jobs/${id}/progress HTTP/1.1\r\nHost: localhost\r\n` +
    `Authorization: Bearer ${token}\r\nAccept: application/vnd.bentley.itwin-platform.v1+json\r\n\r\n`
  return { name: 'alidade', pid, port: Number(new URL(url).port), request, stop }
}

/** The least that answers the same to the same request: no router, no look at the token, no log. */
async function startBare(body: string, request: string): Promise<Server> {
  const program = `
    const body = ${JSON.stringify(body)}
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': ${Buffer.byteLength(body)} }
    require('node:http')
      .createServer((request, response) => response.writeHead(200, headers).end(body))
      .listen(0, '127.0.0.1', function () { console.log('Listening on http://127.0.0.1:' + this.address().port) })`
  const { pid, url, stop } = await started(['-e', program], 'ignore')
  return { name: 'node:http', pid, port: Number(new URL(url).port), request, stop }
}

async function started(args: string[], stderr: number | 'ignore') {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr], cwd: folder })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, found] = /^Listening on (\S+)$/m.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code} before it listened`)))
  })
  const stop = () => {
    child.kill()
    return ended
  }
  return { pid: child.pid!, url, stop }
}

function output(args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return new Promise((resolve) => child.once('close', () => resolve(text)))
}

async function bodyOf({ port, request }: Server): Promise<string> {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8').once('data', (text) => {
      socket.destroy()
      resolve(String(text))
    })
    socket.once('error', reject)
  })
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`expected 200, got ${answer}`)
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

/** Every connection sends the next request when the last is answered. */
async function load(server: Server, forSeconds: number): Promise<Round> {
  const request = Buffer.from(server.request)
  const status = Buffer.from('HTTP/1.1 200 ')
  let answered = 0
  let over = false
  const cpuBefore = await cpuSeconds(server.pid)
  const startedAt = performance.now()
  const ends = Array.from(
    { length: connections },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1', () => socket.write(request))
        socket.setNoDelay(true)
        // Answers are far smaller than one segment of the loopback, so each arrives whole.
        socket.on('data', (chunk) => {
          if (!chunk.subarray(0, status.length).equals(status)) {
            reject(new Error(`expected 200, got ${chunk.toString('latin1').slice(0, 200)}`))
          }
          answered++
          if (over) socket.destroy()
          else socket.write(request)
        })
        socket.once('close', () => resolve())
        socket.once('error', reject)
      }),
  )
  setTimeout(() => {
    over = true
  }, forSeconds * 1000)
  await Promise.all(ends)
  const elapsedSeconds = (performance.now() - startedAt) / 1000
  const cpu = (await cpuSeconds(server.pid)) - cpuBefore
  return { requestsPerSecond: answered / elapsedSeconds, microsecondsPerRequest: (cpu / answered) * 1e6 }
}

/** Fields 14 and 15 of /proc/<pid>/stat (proc(5)): user and system time in hundredths of a second. */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function report(measured: Map<string, Round[]>): void {
  const result: Record<string, Round> = {}
  for (const [name, roundsOfOne] of measured) {
    result[name] = {
      requestsPerSecond: Math.round(median(roundsOfOne.map((round) => round.requestsPerSecond))),
      microsecondsPerRequest: Number(median(roundsOfOne.map((r) => r.microsecondsPerRequest)).toFixed(1)),
    }
    const { requestsPerSecond, microsecondsPerRequest } = result[name]
    console.log(
      `${name.padEnd(10)} ${requestsPerSecond} requests/s, ${microsecondsPerRequest} us of processor each`,
    )
  }
  const [ours, bare] = [...measured.values()]
  const ratios = (of: (round: Round) => number) => median(ours!.map((round, i) => of(round) / of(bare![i]!)))
  const ratioOfRequests = ratios((round) => round.requestsPerSecond)
  const ratioPerCpu = 1 / ratios((round) => round.microsecondsPerRequest)
  const [load1 = 0] = loadavg()
  console.log(
    `of node:http: ${ratioOfRequests.toFixed(2)} of its requests/s, ${ratioPerCpu.toFixed(2)} per processor time ` +
      `(load average ${load1.toFixed(1)})`,
  )
  console.log(
    JSON.stringify({ ...result, ratioOfRequests, ratioPerCpu, rounds, seconds, connections, load1 }),
  )
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}
