// `alidade doctor`: can this machine run the service? One line a check; exit 1 if one that matters fails.
import { access, constants, mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { type Config, numberOf } from '../config/read-config.ts'
import { parseConfigFlags } from './config-flags.ts'
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
    io.stdout.write('Usage: alidade doctor [settings]\n\nChecks this machine and the settings.\n')
    return 0
  }
  const dataDir = resolve(io.cwd, config.dataDir.value!)
  const checks = [
    nodeVersion(),
    memory(),
    await limits(),
    await folder(dataDir),
    await disk(dataDir),
    await port(config),
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
  const probe = join(dataDir, `.doctor-${process.pid}`)
  try {
    await mkdir(dataDir, { recursive: true })
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    return { what, outcome: 'fail', detail: `${dataDir} cannot be written: ${(error as Error).message}` }
  }
  const owner = await readFile(join(dataDir, 'database.lock'), 'utf8').catch(() => '')
  return {
    what,
    outcome: 'ok',
    detail: owner === '' ? dataDir : `${dataDir}, in use by process ${owner.split(' ')[0]}`,
  }
}

async function disk(dataDir: string): Promise<Check> {
  const { bavail, bsize } = await statfs(dataDir)
  const gigabytes = (bavail * bsize) / 1e9
  return {
    what: 'disk',
    outcome: gigabytes < 5 ? 'warn' : 'ok',
    detail: `${gigabytes.toFixed(1)} GB free for uploads and results`,
  }
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
