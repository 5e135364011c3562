// `npm run openapi`: writes the committed OpenAPI documents. A test holds them equal to what the server serves.
import { mkdir, writeFile } from 'node:fs/promises'
import { documentOf, publishedApis } from './published-apis.ts'

/** Server URL in the committed files; a running server names its own. */
const committedServerUrl = 'http://localhost:8787'
const folder = new URL('../openapi/', import.meta.resolve('@alidade/contract'))

await mkdir(folder, { recursive: true })
for (const api of publishedApis) {
  const document = documentOf(api, committedServerUrl)
  await writeFile(new URL(api.fileName, folder), `${JSON.stringify(document, null, 2)}\n`)
  console.log(`wrote ${api.fileName}: ${api.operations.length} operations`)
}
