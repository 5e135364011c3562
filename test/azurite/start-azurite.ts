// Azurite in a process of its own, with an account of our own in it.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('node_modules/azurite/dist/src/blob/main.js', import.meta.url))

export interface Azurite {
  /** Of the account, without a slash at the end. */
  readonly url: string
  readonly connectionString: string
  readonly accountKey: string
  stop(): Promise<void>
}

export async function startAzurite(): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-azurite-'))
  const accountKey = randomBytes(64).toString('base64')
  const child = spawn(
    process.execPath,
    [
      program,
      '--blobPort',
      '0',
      '--location',
      folder,
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, AZURITE_ACCOUNTS: `survey:${accountKey}` },
    },
  )
  const url = `${await listeningAt(child)}/survey`
  return {
    url,
    accountKey,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=survey;AccountKey=${accountKey};BlobEndpoint=${url};`,
    stop: async () => {
      const exited = once(child, 'exit')
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, url] = /listens on (http:\/\/[\d.]+:\d+)/.exec(printed) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`Azurite ended with ${code}:\n${printed}`)))
  })
}
