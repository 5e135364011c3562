// Clients that ask when it is time, whether or not the server keeps up: each has a token of its own and asks every
// `periodSeconds`, all of them spread evenly over the period. Forked, so that it shares no thread with what it measures
// or with what measures it.
import { readFileSync } from 'node:fs'
import { Connection } from './connection.ts'

export interface OpenLoop {
  port: number
  /** Files with a job id, and a token, on each line. There are as many clients as tokens; they share the jobs. */
  ids: string
  tokens: string
  periodSeconds: number
  seconds: number
  /** As many as clients: each keeps its own. Fewer: as behind a proxy, a client takes whichever is its turn. */
  connections: number
}

export interface Observed {
  /** Answers by status; 0 for a connection that was lost. */
  statuses: Record<number, number>
  /** From the moment when a client wanted to ask until it had the answer, in milliseconds: 200 answers only. */
  latenciesMs: Float64Array
}

interface Lane {
  connection: Connection
  /** Clients that wait for this connection, and since when. The first one has asked. */
  waiting: { client: number; dueMs: number }[]
}

async function observe(task: OpenLoop): Promise<Observed> {
  const [ids, tokens] = [task.ids, task.tokens].map((file) => readFileSync(file, 'latin1').trim().split('\n'))
  const requestOf = (client: number) =>
    `GET /realitydataanalysis/jobs/${ids![client % ids!.length]}/progress HTTP/1.1\r\nHost: localhost\r\n` +
    `Authorization: Bearer ${tokens![client]}\r\n\r\n`
  const statuses: Record<number, number> = {}
  const latenciesMs: number[] = []

  const lanes = await Promise.all(
    Array.from({ length: task.connections }, () => {
      return new Promise<Lane>((resolve) => {
        const answered = (status: number) => {
          statuses[status] = (statuses[status] ?? 0) + 1
          const asked = lane.waiting.shift()
          if (status === 200 && asked !== undefined) latenciesMs.push(performance.now() - asked.dueMs)
          if (lane.waiting.length > 0) lane.connection.send(requestOf(lane.waiting[0]!.client))
        }
        const lane: Lane = {
          connection: new Connection(task.port, answered, () => resolve(lane)),
          waiting: [],
        }
      })
    }),
  )

  const count = tokens!.length
  const betweenMs = (task.periodSeconds * 1000) / count
  const total = Math.floor((task.seconds * 1000) / betweenMs)
  const began = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const tick = setInterval(() => {
      const now = performance.now()
      for (; sent < total && began + sent * betweenMs <= now; sent++) {
        const client = sent % count
        const lane = lanes[client % lanes.length]!
        lane.waiting.push({ client, dueMs: began + sent * betweenMs })
        if (lane.waiting.length === 1) lane.connection.send(requestOf(client))
      }
      if (sent < total || lanes.some(({ waiting }) => waiting.length > 0)) return
      clearInterval(tick)
      resolve()
    }, 1)
  })
  for (const { connection } of lanes) connection.close()
  return { statuses, latenciesMs: Float64Array.from(latenciesMs) }
}

process.on('message', (task: OpenLoop) => {
  void observe(task).then(
    (observed) => process.send!(observed),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
