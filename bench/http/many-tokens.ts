// A real issuer of tokens beside the service, for more clients than one would make by the command line.
import { writeFile } from 'node:fs/promises'
import {
  makeSigningKey,
  signToken,
  startOidcServer,
} from '../../packages/server/src/auth/oidc-server.fixture.ts'

export interface ManyTokens {
  /** Flags of `alidade up` that make it believe these tokens. */
  flags: string[]
  /** One token; of the same tenant as all the others. */
  token(client: string): Promise<string>
  /** Tokens of `count` clients, each with an id of its own, one a line. */
  write(file: string, count: number): Promise<void>
  close(): Promise<void>
}

export async function openManyTokens(): Promise<ManyTokens> {
  const key = await makeSigningKey('bench', 'ES256')
  const oidc = await startOidcServer([key])
  const token = (client: string) => {
    const nowSeconds = Math.floor(Date.now() / 1000)
    return signToken(key, { iss: oidc.issuer, aud: 'bench', sub: client, client_id: client }, nowSeconds)
  }
  return {
    flags: ['--issuer', oidc.issuer, '--audience', 'bench'],
    token,
    write: async (file, count) => {
      const tokens: string[] = []
      for (let i = 0; i < count; i++) tokens.push(await token(`client-${i}`))
      await writeFile(file, `${tokens.join('\n')}\n`)
    },
    close: () => oidc.close(),
  }
}
