// `npm run openapi`: writes the committed OpenAPI documents, and the schema of a detector's manifest. Tests hold the files
// equal to what they are made of.
import { mkdir, writeFile } from 'node:fs/promises'
import { detectorManifestSchema } from '@alidade/contract'
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

const schemas = new URL('../schemas/', import.meta.resolve('@alidade/contract'))
await mkdir(schemas, { recursive: true })
const manifest = new URL('alidade-detector-1.json', schemas)
await writeFile(manifest, `${JSON.stringify(detectorManifestSchema, null, 2)}\n`)
