// A server in a process of its own, ready when it prints where it listens.
import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { alidadeBin } from '../../test/e2e/service-process.ts'

export interface ServerProcess {
  pid: number
  url: string
  port: number
  stop(): Promise<void>
}

/** `args` follow `node`. What it writes to its standard error goes to the file `log`, as it would in production. */
export async function startServer(args: readonly string[], log: string): Promise<ServerProcess> {
  const file = openSync(log, 'w')
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', file],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  closeSync(file)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, found] = /^Listening on (\S+)$/m.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: see ${log}`)))
  })
  const stop = () => {
    child.kill()
    return ended
  }
  return { pid: child.pid!, url, port: Number(new URL(url).port), stop }
}

export interface Alidade extends ServerProcess {
  token(...options: string[]): Promise<string>
}

/** The real command on a fresh data folder below `folder`; `nodeFlags` go before it. */
export async function startAlidade(
  folder: string,
  flags: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<Alidade> {
  const place = ['--data-dir', join(folder, 'data')]
  const server = await startServer(
    [...nodeFlags, alidadeBin, 'up', '--port', '0', ...place, ...flags],
    join(folder, 'alidade.log'),
  )
  const database = flags.indexOf('--database-url')
  const where = database === -1 ? place : [...place, ...flags.slice(database, database + 2)]
  return {
    ...server,
    token: async (...options) => {
      const args = [alidadeBin, 'token', ...where, '--expires', '12h', ...options]
      return (await promisify(execFile)(process.execPath, args)).stdout.trim()
    },
  }
}
