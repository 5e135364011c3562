// A client that does not keep to HTTP: sends bytes as they are, as many as are taken, and shows what comes back.
import { connect } from 'node:net'

export interface HostileConnection {
  /** Sends `bytes` so often, or until the server takes no more; returns how many bytes were handed over. */
  send(bytes: Buffer, times: number): Promise<number>
  /** The next answer, whole, by its Content-Length. */
  answer(): Promise<string>
  /** When the server has closed the connection. */
  closed(): Promise<void>
  destroy(): void
}

export function openConnection(url: string, head: string): HostileConnection {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: false })
  socket.write(head)
  let received = ''
  let changed = Promise.withResolvers<void>()
  const change = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  socket.setEncoding('latin1').on('data', (text) => {
    received += text
    change()
  })
  // A connection that the server resets is closed like any other here.
  socket
    .on('error', () => undefined)
    .on('close', change)
    .on('drain', change)
  return {
    send: async (bytes, times) => {
      let sent = 0
      for (let i = 0; i < times && !socket.destroyed && received === ''; i++) {
        sent += bytes.length
        if (!socket.write(bytes)) await changed.promise
      }
      return sent
    },
    answer: async () => {
      for (;;) {
        const end = received.indexOf('\r\n\r\n') + 4
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1])
        if (end > 3 && received.length >= end + length) {
          const answer = received.slice(0, end + length)
          received = received.slice(end + length)
          return answer
        }
        if (socket.destroyed) throw new Error(`closed without a whole answer, after '${received}'`)
        await changed.promise
      }
    },
    closed: async () => {
      while (!socket.destroyed) await changed.promise
    },
    destroy: () => socket.destroy(),
  }
}
