// `alidade up`: the service on this machine, until it is told to stop.
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openBuiltinIssuer } from '../auth/builtin-issuer.ts'
import { oidcIssuer } from '../auth/oidc-issuer.ts'
import type { TokenIssuer } from '../auth/token-verifier.ts'
import { type Config, ConfigError, listOf, numberOf } from '../config/read-config.ts'
import { startService } from '../service.ts'
import { parseConfigFlags, settingsHelp } from './config-flags.ts'
import type { Io } from './main.ts'
import { openLog } from './open-log.ts'
import { untilToldToStop } from './until-told-to-stop.ts'

export async function upCommand(args: string[], io: Io): Promise<number> {
  const { config, help } = await parseConfigFlags(args, io)
  if (help) {
    io.stdout.write(
      `Usage: alidade up [settings]\n\nStarts the service and prints one line when it is ready:\n` +
        `  Listening on http://HOST:PORT\nStop it with Ctrl-C or SIGTERM: jobs under way go on after the next start.\n\n` +
        `${settingsHelp()}\n  --config FILE\n      JSON file of settings; default alidade.config.json where it exists.\n`,
    )
    return 0
  }
  refuseUndelivered(config)
  const dataDir = resolve(io.cwd, config.dataDir.value!)
  const firstStart = !(await exists(join(dataDir, 'database')))
  const host = config.host.value!
  const log = openLog(config.logLevel.value!)

  const starting = startService({
    dataDir,
    host,
    port: numberOf(config.port)!,
    publicUrl: publicUrlOf(config),
    rateLimitPerMinute: numberOf(config.rateLimit)!,
    trustProxy: trustProxyOf(config),
    corsOrigins: corsOriginsOf(config),
    issuers: await issuersOf(config, dataDir, (error) => log.warn({ err: error }, 'issuer')),
    slots: numberOf(config.slots)!,
    threadsPerJob: numberOf(config.threads)!,
    memoryLimitMegabytes: numberOf(config.memoryLimit)!,
    maxUploadBytes: numberOf(config.maxUpload)! * 1e6,
    log,
  })
  // From here on, so that a signal during the start also stops it in good order.
  const toldToStop = untilToldToStop({ stop: async () => (await starting).stop(), log })
  const service = await starting
  io.stdout.write(`Listening on ${service.url}\n`)
  if (['0.0.0.0', '::'].includes(host) && config.publicUrl.value === undefined) {
    log.warn(`links and container URLs name ${service.url}: clients on other machines need --public-url`)
  }
  if (firstStart && listOf(config.issuer).includes('builtin')) await greet(dataDir, service.url, io)
  return toldToStop
}

async function greet(dataDir: string, url: string, io: Io): Promise<void> {
  const issuer = await openBuiltinIssuer(dataDir)
  const { token } = await issuer.issueToken({ expiresIn: '1h' })
  io.stdout.write(
    `\nA token for the next hour (\`alidade token\` makes more):\n\n  export TOKEN=${token}\n\nTry:\n\n` +
      `  curl -H "Authorization: Bearer $TOKEN" ${url}/realitydataanalysis/jobs\n\nDocumentation: ${url}/docs\n`,
  )
}

function refuseUndelivered({ role, databaseUrl }: Config): void {
  if (role.value !== 'all') {
    throw new ConfigError(
      `${role.origin}: role '${role.value}' is not delivered yet; this version runs all in one process.`,
    )
  }
  if (databaseUrl.value !== undefined) {
    throw new ConfigError(
      `${databaseUrl.origin}: PostgreSQL is not delivered yet; this version uses its embedded database.`,
    )
  }
}

function publicUrlOf({ publicUrl: { value } }: Config): string | undefined {
  return value === undefined ? undefined : new URL(value).href.replace(/\/+$/, '')
}

function trustProxyOf({ trustProxy }: Config): boolean | string {
  const { value } = trustProxy
  return value === 'true' ? true : value === 'false' ? false : value!
}

function corsOriginsOf({ corsOrigin }: Config): string[] | '*' | undefined {
  if (corsOrigin.value === '*') return '*'
  const origins = listOf(corsOrigin)
  return origins.length > 0 ? origins : undefined
}

async function issuersOf(
  config: Config,
  dataDir: string,
  onFault: (error: unknown) => void,
): Promise<TokenIssuer[]> {
  const named = listOf(config.issuer)
  if (named.length === 0) {
    throw new ConfigError(
      `The built-in issuer of tokens is on by default on loopback only. To listen on ${config.host.value}, name whose ` +
        'tokens are accepted: --issuer https://... with --audience, or --issuer builtin.',
    )
  }
  const external = named.filter((name) => name !== 'builtin')
  const audience = listOf(config.audience)
  if (external.length > 0 && audience.length === 0) {
    throw new ConfigError(
      `--audience is needed with --issuer ${external.join(',')}: without it every token of that issuer would do.`,
    )
  }
  const jwksUrl = config.jwksUrl.value
  if (external.length > 1 && jwksUrl !== undefined) {
    throw new ConfigError(
      `${config.jwksUrl.origin}: expected one OpenID Connect issuer whose keys these are, got ${external.length}.`,
    )
  }
  return Promise.all(
    named.map(async (issuer) =>
      issuer === 'builtin'
        ? openBuiltinIssuer(dataDir)
        : oidcIssuer({ issuer, audience, onFault, ...(jwksUrl !== undefined && { jwksUrl }) }),
    ),
  )
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
