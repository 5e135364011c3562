// Thousands of slow connections, each opened again when the service closes it, in a process of their own.
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface SlowKind {
  name: string
  /** What is sent at once. */
  start: string
  /** What is sent now and then; empty: nothing. */
  drip: string
}

export interface SlowConnections {
  port: number
  kinds: SlowKind[]
  connections: number
  seconds: number
}

/** Of each kind: how many the service closed, and the seconds that the slowest of them lasted. */
export type ClosedAfter = Record<string, { count: number; longest: number }>

const dripMs = 5000

process.on('message', (task: SlowConnections) => {
  void holdConnections(task).then((closed) => process.send!(closed))
})

async function holdConnections({ port, kinds, connections, seconds }: SlowConnections): Promise<ClosedAfter> {
  let over = false
  const sockets = new Map<Socket, SlowKind>()
  const ended = new Map<string, number[]>(kinds.map(({ name }) => [name, []]))
  const open = (kind: SlowKind): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(kind.start)
        resolve()
      })
      const openedAt = performance.now()
      sockets.set(socket, kind)
      socket.resume().on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        if (over) return
        ended.get(kind.name)!.push((performance.now() - openedAt) / 1000)
        void open(kind)
      })
    })
  const dripping = setInterval(() => {
    for (const [socket, { drip }] of sockets) if (drip !== '' && socket.writable) socket.write(drip)
  }, dripMs)
  const held = delay(1000 * seconds)
  for (let i = 0; i < connections; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, j) => open(kinds[(i + j) % kinds.length]!)))
  await held
  over = true
  clearInterval(dripping)
  for (const socket of sockets.keys()) socket.destroy()
  return Object.fromEntries(
    [...ended].map(([name, times]) => [name, { count: times.length, longest: Math.max(0, ...times) }]),
  )
}
