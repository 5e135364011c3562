// A small store that really speaks the dialect, in memory: Put Blob, Put Block, Put Block List, Get, List.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoredBlob {
  readonly content: Buffer
  readonly etag: string
  readonly contentMd5: string | undefined
}

/** What to do instead of answering; `undefined` answers. */
export type Fault =
  | 'hang up'
  | 'hang up midway'
  | { status: number; headers?: Record<string, string>; body?: string }

export interface BlockStoreServer extends AsyncDisposable {
  /** With the signature that is valid now. */
  containerUrl(): string
  /** Makes all earlier signatures invalid. */
  renewSignature(): void
  readonly blobs: Map<string, StoredBlob>
  readonly blocks: Map<string, Buffer>
  /** `PUT name?comp=block`, `GET name bytes=0-9` ... of every request with a valid signature. */
  readonly requests: string[]
  /** May also wait. */
  fault: (request: string, index: number) => Fault | undefined | Promise<Fault | undefined>
  /** Most requests at one time. */
  mostAtOnce: number
  receivedBytes: number
}

export async function startBlockStore({
  pageSize = 5000,
  quoteEtags = false,
} = {}): Promise<BlockStoreServer> {
  let signature = 1
  let versions = 0
  let atOnce = 0
  const server = createServer((request, response) => {
    store.mostAtOnce = Math.max(store.mostAtOnce, ++atOnce)
    let counted = true
    const leave = () => {
      if (counted) atOnce--
      counted = false
    }
    // `prefinish` comes before the client can see the end of the answer and send its next request.
    response.on('prefinish', leave).on('close', leave)
    void handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store: BlockStoreServer = {
    // The + must arrive as %2B: a signature is compared as it is.
    containerUrl: () => `${origin}/alidade-blobs/rd-1?sp=rwl&sig=s%2B${signature}`,
    renewSignature: () => void signature++,
    blobs: new Map(),
    blocks: new Map(),
    requests: [],
    fault: () => undefined,
    mostAtOnce: 0,
    receivedBytes: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return store

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, origin)
    const name = decodeURIComponent(url.pathname.replace(/^\/alidade-blobs\/rd-1\/?/, ''))
    const comp = url.searchParams.get('comp') ?? undefined
    const range = request.headers['x-ms-range']
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    if (url.searchParams.get('sig') !== `s+${signature}`) return refuse(response, 403, 'AuthenticationFailed')
    const line = `${request.method} ${name}${comp ? `?comp=${comp}` : ''}${range ? ` ${range}` : ''}`
    const fault = await store.fault(line, store.requests.push(line) - 1)
    if (fault === 'hang up') {
      request.socket.destroy()
      return
    }
    if (fault === 'hang up midway') {
      response.writeHead(206, { 'content-range': 'bytes 0-9/10', 'content-length': '10' })
      response.write('abc', () => request.socket.destroy())
      return
    }
    if (fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    if (request.method === 'GET') return name === '' ? list(url, response) : get(name, request, response)

    store.receivedBytes += body.length
    const md5 = request.headers['content-md5']
    if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) {
      return refuse(response, 400, 'Md5Mismatch')
    }
    if (comp === 'block') {
      store.blocks.set(`${name}\n${url.searchParams.get('blockid')}`, body)
    } else if (comp === 'blocklist') {
      const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, id]) => id)
      const parts = ids.map((id) => store.blocks.get(`${name}\n${id}`))
      if (parts.includes(undefined)) return refuse(response, 400, 'InvalidBlockList')
      const contentMd5 = request.headers['x-ms-blob-content-md5'] as string | undefined
      commit(name, Buffer.concat(parts as Buffer[]), contentMd5)
    } else {
      if (request.headers['x-ms-blob-type'] !== 'BlockBlob')
        return refuse(response, 400, 'MissingRequiredHeader')
      commit(name, body, md5 as string | undefined)
    }
    response.writeHead(201).end()
  }

  function commit(name: string, content: Buffer, contentMd5: string | undefined): void {
    store.blobs.set(name, { content, etag: `"v${++versions}"`, contentMd5 })
  }

  function get(name: string, request: IncomingMessage, response: ServerResponse): void {
    const blob = store.blobs.get(name)
    if (!blob) {
      refuse(response, 404, 'BlobNotFound')
      return
    }
    if (request.headers['if-match'] !== blob.etag) {
      refuse(response, 412, 'ConditionNotMet')
      return
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(request.headers['x-ms-range'])) ?? []
    const total = blob.content.length
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${total}`, etag: blob.etag })
    response.end(blob.content.subarray(Number(first), Number(last) + 1))
  }

  function list(url: URL, response: ServerResponse): void {
    const prefix = url.searchParams.get('prefix') ?? ''
    const names = [...store.blobs.keys()].filter((name) => name.startsWith(prefix)).sort()
    const from = Number(url.searchParams.get('marker') ?? 0)
    const entries = names.slice(from, from + pageSize).map((name) => {
      const { content, etag, contentMd5 } = store.blobs.get(name)!
      const shown = quoteEtags ? etag : etag.replaceAll('"', '')
      const md5 = contentMd5 ? `<Content-MD5>${contentMd5}</Content-MD5>` : '<Content-MD5 />'
      const properties = `<Etag>${shown}</Etag><Content-Length>${content.length}</Content-Length>${md5}`
      return `<Blob><Name>${escapeXml(name)}</Name><Properties>${properties}</Properties></Blob>`
    })
    const next = from + pageSize < names.length ? String(from + pageSize) : ''
    response.writeHead(200, { 'content-type': 'application/xml' })
    response.end(
      `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="${origin}/" ContainerName="rd-1">` +
        `<Blobs>${entries.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`,
    )
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-ms-error-code': code })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>Refused: ${code}.</Message></Error>`)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
