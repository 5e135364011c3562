// Secrets of a data folder, made once and kept: 32 random bytes each.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readOrCreateFile } from './read-or-create-file.ts'

/** The key `<dataDir>/keys/<name>`; of several processes that make it at once all get the same. */
export async function secretKey(dataDir: string, name: string): Promise<Uint8Array> {
  const path = join(dataDir, 'keys', name)
  const key = await readOrCreateFile(path, () => randomBytes(32))
  if (key.length !== 32) throw new Error(`${path}: expected 32 bytes, got ${key.length}`)
  return key
}
