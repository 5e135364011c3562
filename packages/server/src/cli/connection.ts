// How the commands that talk to a service find it, and by which token.
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Client, createClient, type TokenProvider } from '@alidade/client'
import { type Config, readConfig } from '../config/read-config.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

/** For `parseArgs`. */
export const connectionOptions = {
  url: { type: 'string' },
  token: { type: 'string' },
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

export const connectionHelp = `
  --url URL         where the service is; default this machine [ALIDADE_URL]
  --token TOKEN     default: one of the service's own issuer, made from the keys in --data-dir [ALIDADE_TOKEN]
  --data-dir DIR    data folder of the service; default .alidade [ALIDADE_DATA_DIR]
`

/** An iTwin to use where none is named: `--itwin`, else ALIDADE_ITWIN. */
export function iTwinOf(flag: string | undefined, io: Io): string | undefined {
  return flag ?? (io.env.ALIDADE_ITWIN || undefined)
}

/** A client, and where it goes. UsageError if there is no token to be had. */
export async function connect(
  values: { url?: string | undefined; token?: string | undefined; 'data-dir'?: string | undefined },
  io: Io,
): Promise<Client> {
  const flags = { 'data-dir': values['data-dir'] }
  const config = await readConfig({ flags, env: io.env, cwd: io.cwd })
  const baseUrl = values.url ?? (io.env.ALIDADE_URL || localUrl(config))
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl))
    throw new UsageError(`--url: expected http(s)://HOST[:PORT], got '${baseUrl}'`)
  const given = values.token ?? (io.env.ALIDADE_TOKEN || undefined)
  const token = given === undefined ? await localToken(resolve(io.cwd, config.dataDir.value!)) : () => given
  return createClient({ baseUrl, token })
}

function localUrl({ host, port }: Config): string {
  const everywhere = host.value === '0.0.0.0' || host.value === '::'
  return `http://${everywhere ? '127.0.0.1' : host.value}:${port.value}`
}

/** A new token whenever the last one is refused; whoever can read the keys may make them. */
async function localToken(dataDir: string): Promise<TokenProvider> {
  // Who was given a token need not wait for what makes them.
  const { openBuiltinIssuer, signingKeyPath } = await import('../auth/builtin-issuer.ts')
  const readable = await access(signingKeyPath(dataDir)).then(
    () => true,
    () => false,
  )
  if (!readable) {
    throw new UsageError(
      `no token: give --token or ALIDADE_TOKEN, or the --data-dir of a service of this machine (${dataDir} has no keys)`,
    )
  }
  const issuer = await openBuiltinIssuer(dataDir)
  let token: string | undefined
  return async ({ refresh }) => {
    if (token === undefined || refresh) token = (await issuer.issueToken()).token
    return token
  }
}
