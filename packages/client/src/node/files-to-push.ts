// From what the caller names to files with their blob names.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { checkFileName, checkTogether } from './file-names.ts'

export interface FileToPush {
  readonly path: string
  readonly name: string
  readonly sizeBytes: number
}

/** Sorted by name. Links to files are followed, links to folders are not; devices and the like are left out. */
export async function filesToPush(
  source: string | readonly (string | { readonly path: string; readonly name: string })[],
): Promise<FileToPush[]> {
  const files: FileToPush[] = []
  for (const entry of typeof source === 'string' ? [source] : source) {
    const path = typeof entry === 'string' ? entry : entry.path
    const info = await stat(path)
    if (info.isDirectory() && typeof entry === 'string') await addFolder(path, '', files)
    else if (!info.isFile())
      throw new RangeError(`expected a file${typeof entry === 'string' ? ' or a folder' : ''}, got ${path}`)
    else {
      const name = typeof entry === 'string' ? basename(resolve(path)) : entry.name
      files.push({ path, name: name.normalize('NFC'), sizeBytes: info.size })
    }
  }
  for (const { name } of files) checkFileName(name)
  checkTogether(files.map(({ name }) => name))
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function addFolder(folder: string, prefix: string, files: FileToPush[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // One spelling on every system: macOS writes decomposed letters.
    const name = `${prefix}${entry.name.normalize('NFC')}`
    if (entry.isDirectory()) await addFolder(path, `${name}/`, files)
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const info = await stat(path)
      if (info.isFile()) files.push({ path, name, sizeBytes: info.size })
    }
  }
}
