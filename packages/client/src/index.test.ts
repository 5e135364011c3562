import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** Every module that `entry` reaches by relative imports, with the packages they name. */
async function importsOf(entry: URL): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>()
  const packages = new Set<string>()
  for (const left = [entry]; left.length > 0; ) {
    const url = left.pop()!
    if (files.has(url.pathname)) continue
    files.add(url.pathname)
    const source = await readFile(url, 'utf8')
    for (const [, target] of source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (target!.startsWith('.')) left.push(new URL(target!, url))
      else packages.add(target!)
    }
  }
  return { files, packages }
}

test('the main entry needs nothing of Node, so that it runs in a browser', async () => {
  const main = await importsOf(new URL('./index.ts', import.meta.url))
  expect(main.files.size).toBeGreaterThan(10)
  expect([...main.packages]).toEqual(['@alidade/contract', '@alidade/contract/jobs'])
})

test('the entry for Node has the files', async () => {
  const node = await importsOf(new URL('./node.ts', import.meta.url))
  expect([...node.packages]).toContain('node:fs/promises')
})
