// Secrets of a data folder, made once and kept: 32 random bytes each.
import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The key `<dataDir>/keys/<name>`; of several processes that make it at once all get the same. */
export async function secretKey(dataDir: string, name: string): Promise<Uint8Array> {
  const folder = join(dataDir, 'keys')
  const path = join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const beside = join(folder, `${name}.${randomUUID()}.tmp`)
  for (;;) {
    try {
      const key = await readFile(path)
      if (key.length !== 32) throw new Error(`${path}: expected 32 bytes, got ${key.length}`)
      return key
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(randomBytes(32))
      await file.sync()
    } finally {
      await file.close()
    }
    // A link appears whole or fails because another process was first; either way the next round reads it.
    await link(beside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(beside)
  }
}
