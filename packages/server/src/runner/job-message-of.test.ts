import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobMessageOf } from './job-message-of.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-message-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A device that is always full: Linux has one. */
const full = '/dev/full'
const about = { writingTo: 'the scratch folder', loggedAs: 'job 1' }

test.skipIf(!existsSync(full))(
  'a full disk is named by file or by its role, never by where it is',
  async () => {
    const unnamed = await writeFile(full, 'x').catch((error: unknown) => error)
    expect(jobMessageOf(unnamed, about)).toMatchObject({ code: 'DiskFull', params: ['the scratch folder'] })
    const named = Object.assign(unnamed as Error, { path: join(folder, 'changes.las') })
    expect(jobMessageOf(new Error('publishing', { cause: named }), about)).toMatchObject({
      code: 'DiskFull',
      params: ['changes.las'],
    })
  },
)

test('what nobody foresaw tells no more than where it is logged', () => {
  const error = new TypeError(`cannot read ${folder}`)
  expect(jobMessageOf(error, about)).toMatchObject({ code: 'Internal', params: ['job 1'] })
})
