// `alidade token`: bearer tokens of the built-in issuer, made from the keys in the data folder, or in the database that
// several processes share.
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type BuiltinIssuer,
  openBuiltinIssuer,
  openDatabaseIssuer,
  signingKeyPath,
} from '../auth/builtin-issuer.ts'
import { type Config, readConfig } from '../config/read-config.ts'
import { migrate } from '../store/migrate.ts'
import { openPostgres } from '../store/postgres-database.ts'
import { alignedTable } from './aligned-table.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade token [options]           print one bearer token
       alidade token list [--json]       show the tokens that were made
       alidade token revoke ID...        refuse these tokens from now on

  --data-dir DIR    data folder of the service; default .alidade [ALIDADE_DATA_DIR]
  --database-url U  database of the service, where it is PostgreSQL [DATABASE_URL]
  --config FILE     JSON file of settings; default alidade.config.json where it exists
  --scope S         scopes between spaces; default itwin-platform
  --subject X       the user; default local-user
  --org O           the tenant
  --client C        the application, which rate limits count by; default alidade-cli
  --email E         e-mail of the user
  --role admin      puts the role into the token; no operation asks for it yet
  --expires 1h      life time, e.g. 30m, 1h, 7d; default 1h
`

export async function tokenCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      'database-url': { type: 'string' },
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
  const flags = { 'data-dir': values['data-dir'], 'database-url': values['database-url'] }
  const config = await readConfig({ flags, env: io.env, cwd: io.cwd, configFile: values.config })
  const [action, ...ids] = positionals
  if (action !== 'revoke' && ids.length > 0) throw new UsageError(`unexpected argument '${ids[0]}'`)
  switch (action) {
    case undefined: {
      if (values.role !== undefined && values.role !== 'admin') {
        throw new UsageError(`--role: expected admin, the one role there is, got '${values.role}'`)
      }
      const { scope, subject, org, client, email, role, expires: expiresIn } = values
      return withIssuer(config, io, async ({ issuer, keysAreNew, place }) => {
        if (keysAreNew)
          io.stderr.write(`alidade token: made new keys; the token is for a service with ${place}\n`)
        const issuing = issuer.issueToken({ scope, subject, org, client, email, role, expiresIn })
        const { token } = await issuing.catch((error: unknown) => {
          throw error instanceof RangeError ? new UsageError(error.message) : error
        })
        io.stdout.write(`${token}\n`)
        return 0
      })
    }
    case 'list':
      return withIssuer(config, io, async ({ issuer, place }) => {
        const tokens = await issuer.listTokens()
        io.stdout.write(values.json === true ? `${JSON.stringify(tokens)}\n` : table(tokens, place))
        return 0
      })
    case 'revoke':
      if (ids.length === 0)
        throw new UsageError('expected the id of a token, as `alidade token list` shows it')
      return withIssuer(config, io, ({ issuer }) => revoke(issuer, ids, io))
    default:
      throw new UsageError(`expected list, revoke or nothing, got '${action}'`)
  }
}

interface OpenedIssuer {
  issuer: BuiltinIssuer
  /** The setting that names where its keys and its list of tokens are. */
  place: string
  keysAreNew: boolean
}

async function withIssuer(
  config: Config,
  io: Io,
  work: (opened: OpenedIssuer) => Promise<number>,
): Promise<number> {
  const databaseUrl = config.databaseUrl.value
  if (databaseUrl === undefined) {
    const dataDir = resolve(io.cwd, config.dataDir.value!)
    const keysAreNew = !(await exists(signingKeyPath(dataDir)))
    return work({ issuer: await openBuiltinIssuer(dataDir), place: `--data-dir ${dataDir}`, keysAreNew })
  }
  const onError = (error: unknown) => io.stderr.write(`alidade token: ${(error as Error).message}\n`)
  const database = await openPostgres({ url: databaseUrl, onError, poolSize: 1 })
  try {
    await migrate(database, () => new Date())
    const issuer = await openDatabaseIssuer(database, { onError })
    return await work({ issuer, place: 'this --database-url', keysAreNew: false })
  } finally {
    await database.close()
  }
}

async function revoke(issuer: BuiltinIssuer, ids: string[], io: Io): Promise<number> {
  let exitCode = 0
  for (const id of ids) {
    if (await issuer.revokeToken(id)) io.stdout.write(`revoked ${id}\n`)
    else {
      io.stderr.write(`alidade token: no token with the id ${id} was made here\n`)
      exitCode = 1
    }
  }
  return exitCode
}

type ListedToken = Awaited<ReturnType<BuiltinIssuer['listTokens']>>[number]

function table(tokens: ListedToken[], place: string): string {
  if (tokens.length === 0) return `No token was made for ${place} yet.\n`
  const now = new Date().toISOString()
  const rows = tokens.map((token) => [
    token.jti,
    token.subject,
    token.org ?? '-',
    token.client,
    token.role === undefined ? token.scope : `${token.scope} (${token.role})`,
    token.expiresDateTime,
    token.revoked ? 'revoked' : token.expiresDateTime <= now ? 'expired' : 'valid',
  ])
  return alignedTable([['ID', 'SUBJECT', 'ORG', 'CLIENT', 'SCOPE', 'EXPIRES', 'STATE'], ...rows])
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
