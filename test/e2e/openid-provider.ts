// A real OpenID Connect provider on a loopback port, whose clients get access tokens for Alidade by their own
// credentials (RFC 6749, 4.4) for a resource they name (RFC 8707), as JSON Web Tokens (RFC 9068).
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export interface OpenidProvider {
  issuer: string
  /** A new token by HTTP, as a client gets it. */
  accessToken(options?: { resource?: string; scope?: string }): Promise<string>
  close(): Promise<void>
}

const [clientId, clientSecret] = ['survey-robot', 'a secret between client and provider']
const scopes = 'itwin-platform realitydataanalysis:read'

/** `resource` is the audience of its tokens. */
export async function startOpenidProvider(resource: string): Promise<OpenidProvider> {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key: JsonWebKey = privateKey.export({ format: 'jwk' })
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'of-the-provider' }] },
    scopes: scopes.split(' '),
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, indicator: string) => ({
          scope: scopes,
          audience: indicator,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  http.on('request', provider.callback())
  return {
    issuer,
    accessToken: async ({ resource: asked = resource, scope = 'itwin-platform' } = {}) => {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(clientSecret)}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: asked, scope }),
      })
      const body = (await answer.json()) as { access_token?: string }
      if (body.access_token === undefined) throw new Error(`expected a token, got ${JSON.stringify(body)}`)
      return body.access_token
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}
