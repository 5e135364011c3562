// `alidade up`: the service on this machine, until it is told to stop.
import { access, mkdir } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { join, resolve } from 'node:path'
import { openBuiltinIssuer, openDatabaseIssuer } from '../auth/builtin-issuer.ts'
import { oidcIssuer } from '../auth/oidc-issuer.ts'
import type { TokenIssuer } from '../auth/token-verifier.ts'
import { type Config, ConfigError, listOf, numberOf, type ResolvedSetting } from '../config/read-config.ts'
import { type Role, startService } from '../service.ts'
import type { Database } from '../store/database.ts'
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
  const role = config.role.value as Role
  const databaseUrl = config.databaseUrl.value
  if (role !== 'all' && databaseUrl === undefined) {
    throw new ConfigError(
      `${config.role.origin}: role '${role}' needs --database-url: the embedded database is for one process alone.`,
    )
  }
  if (config.blobDir.value !== undefined && config.blobConnectionString.value !== undefined) {
    throw new ConfigError(
      `${config.blobConnectionString.origin}: uploads and results are kept in an account or in the folder of --blob-dir, not in both.`,
    )
  }
  const dataDir = resolve(io.cwd, config.dataDir.value!)
  const firstStart = databaseUrl === undefined && !(await exists(join(dataDir, 'database')))
  const host = config.host.value!
  const log = openLog(config.logLevel.value!)
  if (role !== 'agent') checkIssuers(config)
  await mkdir(dataDir, { recursive: true })

  const starting = startService({
    role,
    dataDir,
    databaseUrl,
    blobDir: config.blobDir.value && resolve(io.cwd, config.blobDir.value),
    blobConnectionString: config.blobConnectionString.value,
    linkRoots: listOf(config.linkRoots).map((root) => resolve(io.cwd, root)),
    apiUrl: urlOf(config.apiUrl),
    host,
    port: numberOf(config.port)!,
    publicUrl: urlOf(config.publicUrl),
    rateLimitPerMinute: numberOf(config.rateLimit)!,
    trustProxy: trustProxyOf(config),
    corsOrigins: corsOriginsOf(config),
    openIssuers: (shared) =>
      issuersOf(config, { dataDir, shared, onFault: (error) => log.warn({ err: error }, 'issuer') }),
    slots: numberOf(config.slots)!,
    threadsPerJob: numberOf(config.threads)!,
    memoryLimitMegabytes: numberOf(config.memoryLimit)!,
    memoryMegabytes: numberOf(config.memory)!,
    stallMinutes: numberOf(config.stallMinutes)!,
    timeLimitMinutes: numberOf(config.timeLimit)!,
    keepFromSeconds: numberOf(config.keepFrom)!,
    divideFromPoints: numberOf(config.divideFrom)!,
    maxAttempts: numberOf(config.maxAttempts)!,
    maxUploadBytes: numberOf(config.maxUpload)! * 1e6,
    webhookAllow: listOf(config.webhookAllow),
    detectorLimits: {
      mostFileBytes: numberOf(config.detectorMaxSize)! * 1e6,
      mostBytes: numberOf(config.detectorMaxUnpacked)! * 1e6,
      mostEntries: numberOf(config.detectorMaxEntries)!,
      largestRatio: numberOf(config.detectorMaxRatio)!,
    },
    drainMs: numberOf(config.drain)! * 1000,
    diskLowWaterBytes: megabytesToBytes(numberOf(config.diskLowWater)),
    log,
  })
  // From here on, so that a signal during the start also stops it in good order.
  const toldToStop = untilToldToStop({ stop: async () => (await starting).stop(), log })
  const service = await starting
  // Not at the end alone, which who kills it never comes to: its next start then finds it compiled all the same.
  flushCompileCache()
  if (service.url === undefined) {
    io.stdout.write(`Working as ${service.name}\n`)
    return toldToStop
  }
  io.stdout.write(`Listening on ${service.url}\n`)
  if (['0.0.0.0', '::'].includes(host) && config.publicUrl.value === undefined) {
    log.warn(`links and container URLs name ${service.url}: clients on other machines need --public-url`)
  }
  if (firstStart && listOf(config.issuer).includes('builtin')) await greet(dataDir, service.url, io)
  return toldToStop
}

function megabytesToBytes(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : megabytes * 1e6
}

async function greet(dataDir: string, url: string, io: Io): Promise<void> {
  const issuer = await openBuiltinIssuer(dataDir)
  const { token } = await issuer.issueToken({ expiresIn: '1h' })
  io.stdout.write(
    `\nA token for the next hour (\`alidade token\` makes more):\n\n  export TOKEN=${token}\n\nTry:\n\n` +
      `  curl -H "Authorization: Bearer $TOKEN" ${url}/realitydataanalysis/jobs\n\nDocumentation: ${url}/docs\n`,
  )
}

function urlOf({ value }: ResolvedSetting): string | undefined {
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

/** Throws when it is not clear whose tokens to accept. */
function checkIssuers(config: Config): void {
  const named = listOf(config.issuer)
  if (named.length === 0) {
    throw new ConfigError(
      `The built-in issuer of tokens is on by default on loopback only. To listen on ${config.host.value}, name whose ` +
        'tokens are accepted: --issuer https://... with --audience, or --issuer builtin.',
    )
  }
  const external = named.filter((name) => name !== 'builtin')
  if (external.length > 0 && listOf(config.audience).length === 0) {
    throw new ConfigError(
      `--audience is needed with --issuer ${external.join(',')}: without it every token of that issuer would do.`,
    )
  }
  if (external.length > 1 && config.jwksUrl.value !== undefined) {
    throw new ConfigError(
      `${config.jwksUrl.origin}: expected one OpenID Connect issuer whose keys these are, got ${external.length}.`,
    )
  }
}

interface IssuerPlaces {
  dataDir: string
  /** The database that several processes share. */
  shared: Database | undefined
  onFault: (error: unknown) => void
}

function issuersOf(config: Config, { dataDir, shared, onFault }: IssuerPlaces): Promise<TokenIssuer[]> {
  const audience = listOf(config.audience)
  const jwksUrl = config.jwksUrl.value
  return Promise.all(
    listOf(config.issuer).map(async (issuer) => {
      if (issuer !== 'builtin')
        return oidcIssuer({ issuer, audience, onFault, ...(jwksUrl !== undefined && { jwksUrl }) })
      return shared === undefined
        ? openBuiltinIssuer(dataDir)
        : openDatabaseIssuer(shared, { onError: onFault })
    }),
  )
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
