// Stands between a client and a server, counts what goes either way, acknowledged or not, and can let the line go dead.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

interface Way {
  /** Headers included. */
  bytes: number
  /** What comes after so many bytes gets lost, until this is raised. */
  deadAfterBytes: number
}

export interface CountingProxy extends AsyncDisposable {
  readonly url: string
  /** Where connections go; to be set before the first one comes. */
  target: string
  readonly fromClients: Way
  readonly toClients: Way
}

export async function startCountingProxy(target = ''): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const { hostname, port } = new URL(proxy.target)
    const upstream = connect(Number(port), hostname)
    forward(client, upstream, proxy.fromClients)
    forward(upstream, client, proxy.toClients)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: CountingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    fromClients: { bytes: 0, deadAfterBytes: Number.POSITIVE_INFINITY },
    toClients: { bytes: 0, deadAfterBytes: Number.POSITIVE_INFINITY },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy

  function forward(from: Socket, to: Socket, way: Way): void {
    sockets.add(from)
    from.on('data', (bytes) => {
      way.bytes += bytes.length
      if (way.bytes > way.deadAfterBytes || to.write(bytes)) return
      from.pause()
      to.once('drain', () => from.resume())
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
}
