// Secrets of a service: made once and kept, in the data folder or, where several processes share one, in the database.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Database } from '../store/database.ts'
import { readOrCreateFile } from './read-or-create-file.ts'

export interface Secrets {
  /** Where it is kept, for messages. */
  place(name: string): string
  /** What is kept under the name; of several processes that make it at once all get the same. */
  readOrCreate(name: string, make: () => Uint8Array | string | Promise<Uint8Array | string>): Promise<Buffer>
}

/** Files `<dataDir>/keys/<name>`. */
export function folderSecrets(dataDir: string): Secrets {
  const place = (name: string) => join(dataDir, 'keys', name)
  return { place, readOrCreate: (name, make) => readOrCreateFile(place(name), make) }
}

/** Rows of the table `secret`. */
export function databaseSecrets(database: Database): Secrets {
  const read = async (name: string) => {
    const { rows } = await database.query<{ hex: string }>(
      `select encode(value, 'hex') as hex from secret where name = $1`,
      [name],
    )
    return rows[0] && Buffer.from(rows[0].hex, 'hex')
  }
  return {
    place: (name) => `the row '${name}' of the table secret`,
    readOrCreate: async (name, make) => {
      const found = await read(name)
      if (found !== undefined) return found
      await database.query(
        `insert into secret (name, value) values ($1, decode($2, 'hex')) on conflict (name) do nothing`,
        [name, Buffer.from(await make()).toString('hex')],
      )
      return (await read(name))!
    },
  }
}

/** 32 random bytes, the same ever after. */
export async function secretKey(secrets: Secrets, name: string): Promise<Uint8Array> {
  const key = await secrets.readOrCreate(name, () => randomBytes(32))
  if (key.length !== 32) throw new Error(`${secrets.place(name)}: expected 32 bytes, got ${key.length}`)
  return key
}
