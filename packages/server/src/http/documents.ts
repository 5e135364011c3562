// What is served without a token for people and tools that want to know the APIs: the OpenAPI documents, a page that
// shows them and loads nothing from anywhere else, the job types, and the public keys of the built-in issuer.
import { readFile } from 'node:fs/promises'
import { declaredJobTypes } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { TokenVerifier } from '../auth/caller.ts'
import { documentOf, publishedApis } from './published-apis.ts'

const contentTypes = {
  'docs.html': 'text/html; charset=utf-8',
  'docs.css': 'text/css; charset=utf-8',
  'docs.js': 'text/javascript; charset=utf-8',
} as const

/** What the page shows, in this order. */
const documentPaths = publishedApis.map(({ basePath }) => `${basePath}/openapi.json`).join(' ')

const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export async function serveDocuments(
  app: FastifyInstance,
  { publicUrl, verifier }: { publicUrl: () => string; verifier: TokenVerifier },
): Promise<void> {
  for (const api of publishedApis) {
    // Made again only when the public URL changes, which it does once: when the server knows its port.
    let made = { url: '', text: '' }
    app.get(`${api.basePath}/openapi.json`, (_request, reply) => {
      const url = publicUrl()
      if (made.url !== url || made.text === '') made = { url, text: JSON.stringify(documentOf(api, url)) }
      reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-cache')
      return reply.send(made.text)
    })
  }

  app.get('/alidade/job-types', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send({ jobTypes: declaredJobTypes }),
  )
  app.get('/alidade/jwks.json', (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(verifier.publicKeys?.() ?? { keys: [] }),
  )

  for (const [name, contentType] of Object.entries(contentTypes)) {
    const text = await readFile(new URL(`./docs/${name}`, import.meta.url), 'utf8')
    app.get(name === 'docs.html' ? '/docs' : `/docs/${name}`, (_request, reply) => {
      reply
        .header('content-type', contentType)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', pagePolicy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
      return reply.send(
        text.replaceAll('{{base}}', basePathOf(publicUrl())).replace('{{apis}}', documentPaths),
      )
    })
  }
}

/** The path under which a proxy shows this server, without a slash at the end: empty, or e.g. `/alidade`. */
function basePathOf(publicUrl: string): string {
  return URL.canParse(publicUrl) ? new URL(publicUrl).pathname.replace(/\/+$/, '') : ''
}
