// A detector file on its way into the library: the detector, the version, the upload, the look at it.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Client, ConflictError, NotFoundError } from '@alidade/client'
import { pushBlob } from '@alidade/client/node'
import type { DetectorCreate, DetectorVersionCreate } from '@alidade/contract'
import type { Io } from './main.ts'
import { transferProgress } from './transfer-progress.ts'
import { UsageError } from './usage-error.ts'

export interface AskedDetector {
  name: string
  version: string
  /** Needed where there is no detector of that name. */
  type: string | undefined
  labels: string[]
  exports: string[]
  texts: Record<'displayName' | 'description' | 'documentationUrl', string | undefined>
}

export async function pushDetector(
  client: Client,
  file: string,
  asked: AskedDetector,
  io: Io,
): Promise<void> {
  const { signal } = io
  const path = resolve(io.cwd, file)
  await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read (${error.code})`, { cause: error })
  })
  await ensureDetector(client, asked, io)
  const uploadUrl = await createVersion(client, asked, io)
  const progress = transferProgress(io.stderr)
  try {
    await pushBlob(uploadUrl, path, { signal, onBytes: progress.show })
  } finally {
    progress.end()
  }
  await client.v2.detectors.complete(asked.name, asked.version, { signal })
}

async function ensureDetector(client: Client, { name, type, texts }: AskedDetector, { signal }: Io) {
  try {
    await client.v2.detectors.get(name, { signal })
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
    if (type === undefined)
      throw new UsageError(`there is no detector ${name} yet; expected --type, to create it`, {
        cause: error,
      })
    const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined))
    await client.v2.detectors.create({ name, type, ...given } satisfies DetectorCreate, { signal })
  }
}

/** Returns where the file goes. A version that still awaits its file is begun anew, as its URL is known to nobody. */
async function createVersion(
  client: Client,
  { name, version, labels, exports }: AskedDetector,
  { signal }: Io,
): Promise<string> {
  const { detectors } = client.v2
  // What else the labels and exports may be is for the service to say.
  const create = { versionNumber: version, capabilities: { labels, exports } } as DetectorVersionCreate
  try {
    return (await detectors.createVersion(name, create, { signal })).uploadUrl
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    const { versions } = await detectors.get(name, { signal })
    const known = versions.find(({ versionNumber }) => versionNumber === version)
    if (known?.status !== 'AwaitingData') throw error
    await detectors.deleteVersion(name, version, { signal })
    return (await detectors.createVersion(name, create, { signal })).uploadUrl
  }
}
