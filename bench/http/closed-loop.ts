// Loads a server as fast as it answers: every connection sends its next request when the last one is answered. Forked,
// so that it shares no thread with what it measures or with what measures it.
import { readFileSync } from 'node:fs'
import { Connection } from './connection.ts'

export interface ClosedLoop {
  port: number
  /** A file of ids, one a line, of which each request takes one at random. */
  ids: string
  /** What stands before and behind the id in a request. */
  before: string
  behind: string
  connections: number
  seconds: number
}

export interface Answered {
  requests: number
  seconds: number
}

let over = false
let known: { path: string; text: string } | undefined

async function load({ port, ids, before, behind, connections, seconds }: ClosedLoop): Promise<Answered> {
  if (known?.path !== ids) known = { path: ids, text: readFileSync(ids, 'latin1') }
  const { text } = known
  const lineLength = text.indexOf('\n') + 1
  const lines = text.length / lineLength
  const next = () => {
    const at = Math.floor(Math.random() * lines) * lineLength
    return before + text.slice(at, at + lineLength - 1) + behind
  }
  let requests = 0
  const began = performance.now()
  const end = began + seconds * 1000
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const connection = new Connection(
            port,
            (status) => {
              if (status !== 200) return reject(new Error(`expected 200, got ${status}`))
              requests++
              // The clock is asked now and then only: it costs as much as the rest of this function.
              if (requests % 16 === 0 && performance.now() >= end) over = true
              if (!over) return connection.send(next())
              connection.close()
              resolve()
            },
            () => connection.send(next()),
          )
        }),
    ),
  )
  return { requests, seconds: (performance.now() - began) / 1000 }
}

process.on('message', (task: ClosedLoop) => {
  over = false
  void load(task).then(
    (answered) => process.send!(answered),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
