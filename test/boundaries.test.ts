// Who may import whom. The linter refuses bare imports that a package does not declare; this holds the declarations
// themselves to the table, and refuses relative imports that leave a package, which the linter does not see.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packagesDir = fileURLToPath(new URL('../packages/', import.meta.url))

/** The table of ARCHITECTURE.md. The arrow never turns round. */
const mayImport: Record<string, readonly string[]> = {
  contract: [],
  analysis: [],
  formats: [],
  client: ['contract'],
  jobs: ['contract', 'analysis', 'formats'],
  server: ['contract', 'client', 'jobs'],
}

/** Specifiers of every import, export-from, dynamic import, `new URL(..., import.meta.url)` and import type. */
function specifiersIn(source: string): string[] {
  const patterns = [
    /\b(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
    /\bnew URL\(\s*['"]([^'"]+)['"]\s*,\s*import\.meta\.url/g,
    /\bimport\.meta\.resolve\(\s*['"]([^'"]+)['"]/g,
  ]
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!))
}

/** One sentence for each import of `file` that the table forbids. */
function violations(packageName: string, file: string, source: string): string[] {
  const root = join(packagesDir, packageName)
  return specifiersIn(source).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const inside = !relative(root, resolve(dirname(file), specifier)).startsWith('..')
      return inside ? [] : [`${relative(packagesDir, file)} leaves its package by '${specifier}'`]
    }
    const [, imported] = /^@alidade\/([^/]+)/.exec(specifier) ?? []
    if (imported === undefined || mayImport[packageName]!.includes(imported)) return []
    return [`${relative(packagesDir, file)} imports @alidade/${imported}`]
  })
}

async function sourceFiles(packageName: string): Promise<string[]> {
  const root = join(packagesDir, packageName, 'src')
  const names = await readdir(root, { recursive: true })
  return names.filter((name) => /\.(ts|js)$/.test(name)).map((name) => join(root, name))
}

test('the table names every package', async () => {
  expect((await readdir(packagesDir)).sort()).toEqual(Object.keys(mayImport).sort())
})

test('no source file imports what the table forbids or leaves its package by a relative path', async () => {
  const found: string[] = []
  for (const name of Object.keys(mayImport)) {
    for (const file of await sourceFiles(name))
      found.push(...violations(name, file, await readFile(file, 'utf8')))
  }
  expect(found).toEqual([])
})

test('the dependencies a package declares are those of the table', async () => {
  for (const [name, allowed] of Object.entries(mayImport)) {
    const manifest = JSON.parse(await readFile(join(packagesDir, name, 'package.json'), 'utf8'))
    const declared = Object.keys(manifest.dependencies ?? {})
    const ours = declared.filter((dependency) => dependency.startsWith('@alidade/'))
    expect(ours.sort(), name).toEqual(allowed.map((dependency) => `@alidade/${dependency}`).sort())
    if (name === 'contract') expect(declared).toEqual(['typebox'])
  }
})

test('who runs a job or follows one loads no schemas of the wire, which take longer to load than all the rest', async () => {
  const own = await Promise.all(['jobs', 'client'].map(sourceFiles))
  const runner = (await sourceFiles('server')).filter((file) => /\/(runner|agent)\//.test(file))
  const loading = /^(?:import|export) (?!type\b)[^'"`;]*?from '(?:@alidade\/contract|typebox[^']*)'/m
  const found: string[] = []
  for (const file of [...own.flat(), ...runner].filter((name) => !/\.(test|fixture)\.ts$/.test(name)))
    if (loading.test(await readFile(file, 'utf8'))) found.push(relative(packagesDir, file))
  // Loaded itself when there is a manifest to read.
  expect(found).toEqual(['jobs/src/detector/read-manifest.ts'])
})

test('a forbidden import is seen in every spelling', () => {
  const file = join(packagesDir, 'analysis/src/grid.ts')
  const spellings = [
    `import { a } from '@alidade/jobs'`,
    `import type { a } from "@alidade/jobs/x"`,
    `export * from '@alidade/jobs'`,
    `import '@alidade/jobs'`,
    `const a = await import('@alidade/jobs')`,
    `import { a } from '../../jobs/src/index.ts'`,
    `new Worker(new URL('../../server/src/x.ts', import.meta.url))`,
  ]
  for (const spelling of spellings) expect(violations('analysis', file, spelling), spelling).toHaveLength(1)
  expect(violations('analysis', file, `import { a } from './point.ts'\nimport fs from 'node:fs'`)).toEqual([])
})
