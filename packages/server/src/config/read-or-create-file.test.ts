import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOrCreateFile } from './read-or-create-file.ts'
import { folderSecrets, secretKey } from './secret-key.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-keys-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('of many who make a file at once all get the same content, and nothing is left beside it', async () => {
  const path = join(folder, 'deep', 'file')
  let made = 0
  const contents = await Promise.all(
    Array.from({ length: 20 }, () => readOrCreateFile(path, async () => `content ${++made}`)),
  )
  expect(new Set(contents.map(String)).size).toBe(1)
  expect(String(await readOrCreateFile(path, () => 'another'))).toBe(String(contents[0]))
  expect(await readdir(join(folder, 'deep'))).toEqual(['file'])
})

test('only the owner can read what was made', async () => {
  const path = join(folder, 'private', 'file')
  await readOrCreateFile(path, () => 'secret')
  expect([(await stat(path)).mode & 0o777, (await stat(join(folder, 'private'))).mode & 0o777]).toEqual([
    0o600, 0o700,
  ])
})

test('a secret key has 32 bytes and stays; one of another size is refused, not replaced', async () => {
  const key = await secretKey(folderSecrets(folder), 'sas.key')
  expect(key).toHaveLength(32)
  expect(await secretKey(folderSecrets(folder), 'sas.key')).toEqual(key)
  expect(await secretKey(folderSecrets(folder), 'other.key')).not.toEqual(key)
  await readOrCreateFile(join(folder, 'keys', 'short.key'), () => 'short')
  await expect(secretKey(folderSecrets(folder), 'short.key')).rejects.toThrow('expected 32 bytes, got 5')
})
