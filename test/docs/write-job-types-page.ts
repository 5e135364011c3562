// `npm run job-types`: writes docs/job-types.md and the table of the README. A test holds them equal to the declarations.
import { readFile, writeFile } from 'node:fs/promises'
import { jobTypesPage, jobTypesPagePath, readmePath, withSupportTable } from './job-types-page.ts'

await writeFile(jobTypesPagePath, jobTypesPage())
await writeFile(readmePath, withSupportTable(await readFile(readmePath, 'utf8')))
console.log('wrote docs/job-types.md and the table of README.md')
