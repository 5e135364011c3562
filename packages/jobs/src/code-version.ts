// Which code the results of this process come from: whatever it was that changed, what other code kept is not believed.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A digest of every file that jobs, kernels and formats consist of, and of the version of Node. */
export async function codeVersion(): Promise<string> {
  const hash = createHash('sha256').update(process.version)
  for (const name of ['@alidade/jobs', '@alidade/analysis', '@alidade/formats']) {
    const folder = dirname(fileURLToPath(import.meta.resolve(name)))
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
    for (const path of paths.sort()) hash.update(path.slice(folder.length)).update(await readFile(path))
  }
  return hash.digest('hex')
}
