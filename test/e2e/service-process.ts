// The real command in a process of its own, on a fresh data folder and a free port.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../packages/server/src/cli/command.fixture.ts'
import { copyTemplate } from '../../packages/server/src/store/test-store.ts'

export const alidadeBin = fileURLToPath(new URL('../../packages/server/bin/alidade.js', import.meta.url))

export interface ServiceProcess {
  /** Where it listens; empty for an agent alone. */
  url: string
  pid: number
  dataDir: string
  /** What it has logged so far. */
  log(): string
  /** What `alidade token` prints: without an action one token of the built-in issuer. */
  token(...options: string[]): Promise<string>
  /** Kills the process and nothing else, as a crash would; runners find out by themselves. */
  kill(): Promise<void>
  /** SIGTERM; returns the exit code. */
  stop(): Promise<number | null>
  /** Starts again on the same data folder and the same port, after killing what may still run. */
  restart(): Promise<ServiceProcess>
  /** Stops it if need be and removes the data folder. */
  remove(): Promise<void>
}

export interface ServiceProcessOptions {
  role?: 'all' | 'api' | 'agent'
  /** Default: the embedded database. */
  databaseUrl?: string
  /** More flags of `alidade up`. */
  flags?: readonly string[]
  /** Where the data folder is made; default the system's folder for temporary files. */
  parent?: string
}

/** All in one, on the embedded database. */
export function startServiceProcess(...flags: string[]): Promise<ServiceProcess> {
  return startProcess({ flags })
}

export async function startProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const dataDir = await mkdtemp(join(options.parent ?? tmpdir(), 'alidade-e2e-'))
  if (options.databaseUrl === undefined) await copyTemplate(join(dataDir, 'database'))
  return start(dataDir, 0, options)
}

async function start(dataDir: string, port: number, options: ServiceProcessOptions): Promise<ServiceProcess> {
  const { role = 'all', databaseUrl, flags = [] } = options
  const database = databaseUrl === undefined ? [] : ['--database-url', databaseUrl]
  const listening = ['--port', String(port), '--rate-limit', '0']
  const child = spawn(
    process.execPath,
    [alidadeBin, 'up', '--role', role, '--data-dir', dataDir, ...database, ...listening, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: dataDir },
  )
  let logged = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    logged += text
  })
  const url = await untilReady(child, () => logged)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const end = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended
  }
  return {
    url,
    pid: child.pid!,
    dataDir,
    log: () => logged,
    // The command in this process: thirty starts fewer.
    token: async (...tokenOptions) => {
      const args = ['token', '--data-dir', dataDir, ...database, ...tokenOptions]
      const { exitCode, stdout, stderr } = await runCommand(args, { cwd: dataDir })
      if (exitCode !== 0) throw new Error(stderr)
      return stdout.trim()
    },
    kill: async () => {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
    restart: async () => {
      await end('SIGKILL')
      return start(dataDir, url === '' ? 0 : Number(new URL(url).port), options)
    },
    remove: async () => {
      await end('SIGTERM')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The address that it says it listens on; an agent alone says that it works, and listens nowhere. */
function untilReady(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, url] = /^Listening on (\S+)$/m.exec(printed) ?? []
      if (url !== undefined) resolve(url)
      else if (/^Working as /m.test(printed)) resolve('')
    })
    child.once('exit', (code, signal) => {
      reject(new Error(`the service ended with ${signal ?? code} before it listened:\n${printed}\n${log()}`))
    })
  })
}
