import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { clientOfFile, clientStepsPage, clientStepsPagePath } from './client-steps-page.ts'

const folder = fileURLToPath(new URL('../published-clients/', import.meta.url))

test('the committed page names every file of the tests of published clients, and no failure', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'))
  expect(files.sort()).toEqual(Object.keys(clientOfFile).sort())
  const page = await readFile(clientStepsPagePath, 'utf8')
  for (const file of files) expect(page).toMatch(new RegExp(`published-clients/${file}\`, [1-9]`))
  expect(page).toContain(' steps, 0 failed.')
  expect(page).not.toContain('**failed**')
})

test.each(Object.keys(clientOfFile))('the committed page has every step of %s', async (file) => {
  const page = await readFile(clientStepsPagePath, 'utf8')
  const source = await readFile(folder + file, 'utf8')
  // Titles that are made from a table are left out here: the page has them as the run made them.
  const titles = [...source.matchAll(/^\s*test\(\s*'([^']+)'/gm)].map(([, title]) => title!)
  const missing = titles.filter(
    (title) => !page.includes(title.replaceAll('>', '&gt;').replaceAll('<', '&lt;')),
  )
  expect(missing, 'run `npm run clients:steps` after a change').toEqual([])
})

test('a step that fails is shown as failed, and ids of one run are not', () => {
  const id = 'b0b0b0b0-0000-4000-8000-000000000001'
  const step = { file: 'spellings.test.ts', titles: ['with a | in it', `got by ${id}`], passed: false }
  const page = clientStepsPage([step], 'Node 24')
  expect(page).toContain('| with a \\| in it: got by &lt;id&gt; | **failed** |')
  expect(page).toContain('1 steps, 1 failed.')
})
