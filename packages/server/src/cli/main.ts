// The `alidade` command: finds the subcommand and turns what it throws into an exit code.
// 0 done, 1 the job or request failed, 2 wrong usage, 130 interrupted.

import { createRequire } from 'node:module'
import { ServiceError } from '@alidade/client'
import { ConfigError } from '../config/read-config.ts'
import { UsageError } from './usage-error.ts'

export interface Io {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
  env: Record<string, string | undefined>
  cwd: string
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal
}

export type Command = (args: string[], io: Io) => Promise<number>

/** Loaded when called: `alidade token` need not wait for a database. */
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  up: {
    summary: 'start the service on this machine',
    load: async () => (await import('./up-command.ts')).upCommand,
  },
  run: {
    summary: 'run an analysis on local files, without a server',
    load: async () => (await import('./run-command.ts')).runCommand,
  },
  link: {
    summary: 'show a folder of the host as reality data, read only',
    load: async () => (await import('./link-command.ts')).linkCommand,
  },
  push: {
    summary: 'upload files to a service',
    load: async () => (await import('./push-command.ts')).pushCommand,
  },
  pull: {
    summary: 'download reality data or the results of a job',
    load: async () => (await import('./pull-command.ts')).pullCommand,
  },
  submit: {
    summary: 'create and submit a job on a service',
    load: async () => (await import('./submit-command.ts')).submitCommand,
  },
  ps: {
    summary: 'list the jobs of a service',
    load: async () => (await import('./ps-command.ts')).psCommand,
  },
  watch: {
    summary: 'follow a job to its end',
    load: async () => (await import('./watch-command.ts')).watchCommand,
  },
  cancel: {
    summary: 'cancel jobs',
    load: async () => (await import('./cancel-command.ts')).cancelCommand,
  },
  logs: {
    summary: 'show the errors and warnings of a job',
    load: async () => (await import('./logs-command.ts')).logsCommand,
  },
  detectors: {
    summary: 'list, upload and publish detectors',
    load: async () => (await import('./detectors-command.ts')).detectorsCommand,
  },
  token: {
    summary: 'make, list and revoke access tokens of the built-in issuer',
    load: async () => (await import('./token-command.ts')).tokenCommand,
  },
  config: {
    summary: 'show every setting in force and where it came from',
    load: async () => (await import('./config-command.ts')).configCommand,
  },
  doctor: {
    summary: 'check that this machine can run the service',
    load: async () => (await import('./doctor-command.ts')).doctorCommand,
  },
}

/** Returns the exit code. `given` replaces parts of the process's own surroundings. */
export async function main(args: string[], given: Partial<Io> = {}): Promise<number> {
  const interrupted = new AbortController()
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal: interrupted.signal,
    ...given,
  }
  const [name = '', ...rest] = args
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return answerWithoutCommand(name, io)

  // `up` shuts down by itself, in good order; every other command is told by its signal.
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  if (name !== 'up') {
    process.once('SIGINT', interrupt)
    process.once('SIGTERM', interrupt)
  }
  try {
    return await (await command.load())(rest, io)
  } catch (error) {
    if (interrupted.signal.aborted) return 130
    if (error instanceof UsageError || error instanceof ConfigError || isParseArgsError(error)) {
      io.stderr.write(`alidade ${name}: ${error.message}\nTry: alidade ${name} --help\n`)
      return 2
    }
    io.stderr.write(`alidade ${name}: ${describe(error)}\n`)
    return 1
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

function answerWithoutCommand(name: string, io: Io): number {
  switch (name) {
    case '--version':
    case '-v':
      io.stdout.write(`${createRequire(import.meta.url)('../../package.json').version}\n`)
      return 0
    case '--help':
    case '-h':
    case 'help':
      io.stdout.write(help())
      return 0
    case '':
      io.stderr.write(help())
      return 2
    default:
      io.stderr.write(`alidade: there is no command '${name}'.\n\n${help()}`)
      return 2
  }
}

function help(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  return `Usage: alidade <command> [options]

${lines.join('\n')}

  alidade <command> --help says more. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`
}

/** What node:util's parseArgs throws about options it does not know. */
function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS')
}

/** A message a person can act on; the stack only of what is our own fault. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ServiceError) {
    // One fault alone often is the message.
    const faults = error.details.filter(({ message }) => message !== '' && message !== error.message)
    return [error.message, ...faults.map(({ message }) => `  ${message}`)].join('\n')
  }
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${error.message}. Another program listens there; choose another --port.`
  if (code !== undefined || /is in use by process/.test(error.message)) return error.message
  return error.stack ?? error.message
}
