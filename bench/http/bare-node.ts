// The least that answers the same to the same request: no router, no look at the token, no log.
//
//   node bench/http/bare-node.ts BODY
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [body = ''] = process.argv.slice(2)
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': Buffer.byteLength(body),
}
const server = createServer((_request, response) => response.writeHead(200, headers).end(body))
server.listen(0, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
