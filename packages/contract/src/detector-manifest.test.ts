// The manifest's schema is a file that others read: what it held yesterday it holds today.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DetectorManifest, detectorManifestSchema } from './detector-manifest.ts'

test('the committed schema is that of the contract', async () => {
  const file = new URL('../schemas/alidade-detector-1.json', import.meta.url)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(detectorManifestSchema)))
})

test('what was required in the first edition is required, and nothing more', () => {
  expect(DetectorManifest.required).toEqual(['version', 'task', 'layout', 'labels', 'input'])
  expect(Object.keys(DetectorManifest.properties)).toEqual(
    expect.arrayContaining(['$schema', 'version', 'task', 'model', 'layout', 'labels', 'input']),
  )
})
