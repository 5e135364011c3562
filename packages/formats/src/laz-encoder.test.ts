import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from './las.fixture.ts'

test('the encoder that is shipped is the one that its source makes', async () => {
  const root = resolve(import.meta.dirname, '../../..')
  const made = join(await temporaryFolder(), 'laz-encoder.wasm')
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const shipped = 'packages/formats/src/laz-encoder.wasm'
  const command = String(scripts['build:kernels'])
    .split('&&')
    .find((part) => part.includes(shipped))!
  const [program, ...words] = command.trim().split(/\s+/)
  const compiler = join(root, 'node_modules/.bin', program!)
  await promisify(execFile)(
    process.execPath,
    [compiler, ...words.map((word) => (word === shipped ? made : word))],
    {
      cwd: root,
    },
  )
  expect(Buffer.compare(await readFile(made), await readFile(join(root, shipped)))).toBe(0)
}, 60_000)
