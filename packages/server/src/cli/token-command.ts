// `alidade token`: bearer tokens of the built-in issuer, made from the keys in the data folder alone.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openBuiltinIssuer } from '../auth/builtin-issuer.ts'
import { readConfig } from '../config/read-config.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade token [options]           print one bearer token
       alidade token list [--json]       show the tokens that were made
       alidade token revoke ID           refuse a token from now on

  --data-dir DIR    data folder of the service [ALIDADE_DATA_DIR]
  --scope S         scopes between spaces; default itwin-platform
  --subject X       the user; default local-user
  --org O           the tenant
  --client C        the application, which rate limits count by; default alidade-cli
  --email E         e-mail of the user
  --role admin      may list and transfer iTwins
  --expires 1h      life time, e.g. 30m, 1h, 7d; default 1h
`

export async function tokenCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      config: { type: 'string' },
      scope: { type: 'string' },
      subject: { type: 'string' },
      org: { type: 'string' },
      client: { type: 'string' },
      email: { type: 'string' },
      role: { type: 'string' },
      expires: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const flags = { 'data-dir': values['data-dir'] }
  const config = await readConfig({ flags, env: io.env, cwd: io.cwd, configFile: values.config })
  const issuer = await openBuiltinIssuer(resolve(io.cwd, config.dataDir.value!))

  switch (positionals[0]) {
    case undefined: {
      const { scope, subject, org, client, email, role, expires: expiresIn } = values
      const issuing = issuer.issueToken({ scope, subject, org, client, email, role, expiresIn })
      const { token } = await issuing.catch((error: unknown) => {
        throw error instanceof RangeError ? new UsageError(error.message) : error
      })
      io.stdout.write(`${token}\n`)
      return 0
    }
    case 'list': {
      const tokens = await issuer.listTokens()
      if (values.json === true) io.stdout.write(`${JSON.stringify(tokens)}\n`)
      else for (const token of tokens) io.stdout.write(`${Object.values(token).join('  ')}\n`)
      return 0
    }
    case 'revoke': {
      const id = positionals[1]
      if (id === undefined)
        throw new UsageError('expected the id of a token, as `alidade token list` shows it')
      if (!(await issuer.revokeToken(id))) {
        io.stderr.write(`alidade token: no token with the id ${id} was made here\n`)
        return 1
      }
      io.stdout.write(`revoked ${id}\n`)
      return 0
    }
    default:
      throw new UsageError(`expected list, revoke or nothing, got '${positionals[0]}'`)
  }
}
