import { readFile } from 'node:fs/promises'
import {
  detailCodes,
  errorMeanings,
  errorStatus,
  type JobErrorCode,
  type JobMessageDeclaration,
  jobErrorMessage,
  jobErrors,
  jobWarnings,
} from '@alidade/contract'
import { expect, test } from 'vitest'
import { errorsPage, errorsPagePath } from './errors-page.ts'

test('the committed page is what the tables of the contract say', async () => {
  expect(await readFile(errorsPagePath, 'utf8'), 'run `npm run errors` after a change').toBe(errorsPage())
})

test('the page names every code of jobs, requests and details', () => {
  const page = errorsPage()
  for (const code of [jobErrors, jobWarnings, errorStatus].flatMap(Object.keys).concat(detailCodes))
    expect(page).toContain(`\`${code}\``)
  expect(Object.keys(errorMeanings).sort()).toEqual(Object.keys(errorStatus).sort())
})

const declarations: [string, JobMessageDeclaration][] = [jobErrors, jobWarnings].flatMap(Object.entries)

test.each(declarations)('the message of %s shows each of its params, and no more', (_code, declaration) => {
  const shown = [...declaration.message.matchAll(/%(\d)/g)].map(([, digit]) => Number(digit))
  expect([...new Set(shown)].sort()).toEqual(declaration.params.map((_, i) => i + 1))
})

test('a message on the wire ends with what to do about it', () => {
  for (const [code, { params, remedy }] of Object.entries<JobMessageDeclaration>(jobErrors)) {
    const { message } = jobErrorMessage(code as JobErrorCode, ...params)
    expect(message).toMatch(/^[A-Z].*[^%]$/)
    expect(message.endsWith(` ${remedy}`)).toBe(true)
  }
})
