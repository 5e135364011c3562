// Files that are made once and kept, such as keys: of several processes that make one at once all get the same.
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What `path` holds; where it does not exist, what `make` returns is put there first, for its owner's eyes only. */
export async function readOrCreateFile(
  path: string,
  make: () => Uint8Array | string | Promise<Uint8Array | string>,
): Promise<Buffer> {
  const found = await readIfThere(path)
  if (found !== undefined) return found
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const content = await make()
  const beside = `${path}.${randomUUID()}.tmp`
  try {
    await writeDurably(beside, content)
    // A link appears whole, or fails because another process was first.
    await link(beside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(beside, { force: true })
  }
  return readFile(path)
}

async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
