// `alidade doctor`: can this machine run the service? One line a check; exit 1 if one that matters fails.
import { access, constants, readFile, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { countIssuerKeys } from '../auth/oidc-issuer.ts'
import { type Config, listOf, numberOf } from '../config/read-config.ts'
import { openPostgres } from '../store/postgres-database.ts'
import { parseConfigFlags, settingsHelp } from './config-flags.ts'
import type { Io } from './main.ts'

interface Check {
  what: string
  /** `warn`: works, but not as well as it could. */
  outcome: 'ok' | 'warn' | 'fail'
  detail: string
}

export async function doctorCommand(args: string[], io: Io): Promise<number> {
  const { config, help } = await parseConfigFlags(args, io)
  if (help) {
    io.stdout.write(
      'Usage: alidade doctor [settings]\n\nChecks this machine and the settings that `alidade up` would run with; ' +
        `exit code 1 if it would not run.\n\n${settingsHelp()}\n`,
    )
    return 0
  }
  const dataDir = resolve(io.cwd, config.dataDir.value!)
  const checks = [
    nodeVersion(),
    memory(),
    await limits(),
    await folder(dataDir),
    await disk(dataDir),
    ...(await database(config)),
    ...(await blobStorage(config)),
    await port(config),
    ...(await issuers(config)),
  ]
  const marks = { ok: 'ok  ', warn: 'note', fail: 'FAIL' }
  for (const { what, outcome, detail } of checks) io.stdout.write(`${marks[outcome]}  ${what}: ${detail}\n`)
  return checks.some(({ outcome }) => outcome === 'fail') ? 1 : 0
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > 22 || (major === 22 && minor >= 18)
  return {
    what: 'Node',
    outcome: enough ? 'ok' : 'fail',
    detail: `${process.versions.node}, 22.18 or newer is needed`,
  }
}

function memory(): Check {
  const gigabytes = totalmem() / 1e9
  return {
    what: 'memory',
    outcome: gigabytes < 4 ? 'warn' : 'ok',
    detail: `${gigabytes.toFixed(1)} GB, ${availableParallelism()} cores; 1e8 points take up to 4 GB`,
  }
}

async function limits(): Promise<Check> {
  const what = 'memory limits'
  if (process.platform !== 'linux') {
    return {
      what,
      outcome: 'warn',
      detail: 'jobs are not watched on this system: a hungry one is not stopped',
    }
  }
  const prlimit = await access('/usr/bin/prlimit', constants.X_OK).then(
    () => true,
    () => false,
  )
  return prlimit
    ? { what, outcome: 'ok', detail: 'resident memory is watched, prlimit is the net below' }
    : {
        what,
        outcome: 'warn',
        detail: 'resident memory is watched; install util-linux for prlimit as a net below',
      }
}

async function folder(dataDir: string): Promise<Check> {
  const what = 'data folder'
  const there = await nearestFolder(dataDir)
  try {
    await access(there, constants.W_OK | constants.X_OK)
    if (!(await stat(there)).isDirectory()) throw new Error(`${there} is not a folder`)
  } catch (error) {
    return { what, outcome: 'fail', detail: `${dataDir} cannot be written: ${(error as Error).message}` }
  }
  if (there !== dataDir) return { what, outcome: 'ok', detail: `${dataDir} will be made` }
  const owner = await lockOwner(join(dataDir, 'database.lock'))
  const detail = owner === undefined ? dataDir : `${dataDir}, in use by process ${owner}`
  return { what, outcome: 'ok', detail }
}

/** The process in the lock of the data folder, unless it is long dead. */
async function lockOwner(path: string): Promise<number | undefined> {
  const [pid = Number.NaN] = (await readFile(path, 'utf8').catch(() => '')).split(' ').map(Number)
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  return pid
}

async function disk(dataDir: string): Promise<Check> {
  const { bavail, bsize } = await statfs(await nearestFolder(dataDir))
  const gigabytes = (bavail * bsize) / 1e9
  return {
    what: 'disk',
    outcome: gigabytes < 5 ? 'warn' : 'ok',
    detail: `${gigabytes.toFixed(1)} GB free for uploads and results`,
  }
}

/** Whether PostgreSQL answers, lets us in and is one that we can work with. */
async function database({ databaseUrl: { value: url } }: Config): Promise<Check[]> {
  if (url === undefined) return []
  const what = 'database'
  try {
    const opened = await openPostgres({ url, onError: () => undefined, poolSize: 1 })
    const { rows } = await opened.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    )
    await opened.close()
    return [{ what, outcome: 'ok', detail: `PostgreSQL ${rows[0]!.version}` }]
  } catch (error) {
    return [{ what, outcome: 'fail', detail: (error as Error).message }]
  }
}

/** Whether the account of Azure Blob Storage answers and takes its key. */
async function blobStorage({ blobConnectionString: { value } }: Config): Promise<Check[]> {
  if (value === undefined) return []
  const what = 'blob storage'
  try {
    const { AzureBlobStore } = await import('../blobs/azure-blob-store.ts')
    const now = () => new Date()
    const store = new AzureBlobStore({ connectionString: value, owner: 'doctor', now, maxTries: 1 })
    await store.check()
    return [{ what, outcome: 'ok', detail: `${store.url} answers` }]
  } catch (error) {
    return [{ what, outcome: 'fail', detail: (error as Error).message }]
  }
}

/** The path itself or the first above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const there = await stat(at).catch(() => undefined)
    if (there !== undefined || at === dirname(at)) return at
  }
}

/** Whether whoever makes the tokens can be reached: without their keys no token is accepted. */
async function issuers(config: Config): Promise<Check[]> {
  const external = listOf(config.issuer).filter((issuer) => issuer !== 'builtin')
  const jwksUrl = config.jwksUrl.value
  return Promise.all(
    external.map(async (issuer): Promise<Check> => {
      const what = 'issuer'
      try {
        const count = await countIssuerKeys({ issuer, ...(jwksUrl !== undefined && { jwksUrl }) })
        return { what, outcome: 'ok', detail: `${issuer} publishes ${count} key${count === 1 ? '' : 's'}` }
      } catch (error) {
        return { what, outcome: 'fail', detail: `no keys of ${issuer}: ${describeError(error)}` }
      }
    }),
  )
}

/** With the cause, where fetch says why it failed. */
function describeError(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error
    ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}`
    : message
}

async function port(config: Config): Promise<Check> {
  const number = numberOf(config.port)!
  const host = config.host.value!
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      done({
        what: 'port',
        outcome: 'warn',
        detail: `${host}:${number} cannot be listened on now: ${error.code}`,
      })
    })
    server.listen(number, host, () => {
      server.close(() => done({ what: 'port', outcome: 'ok', detail: `${host}:${number} is free` }))
    })
  })
}
