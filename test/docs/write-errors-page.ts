// `npm run errors`: writes docs/errors.md. A test holds it equal to the tables of the contract.
import { writeFile } from 'node:fs/promises'
import { errorsPage, errorsPagePath } from './errors-page.ts'

await writeFile(errorsPagePath, errorsPage())
console.log('wrote docs/errors.md')
