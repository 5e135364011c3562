// Files on this machine as the inputs of a job: a LAS or LAZ file, a folder of them, or a scene that refers to some.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { findInputFiles, type InputFile, type InputReader } from '@alidade/jobs'

const sceneName = 'ContextScene.json'

/**
 * The files that `path` means. A folder with a ContextScene.json at its root is a scene, any other folder is all of
 * its LAS and LAZ files. Throws JobError like `findInputFiles`.
 */
export async function localInputFiles(inputName: string, path: string): Promise<InputFile[]> {
  const reader = await openLocalPath(path)
  const found = await findInputFiles(reader, inputName, path)
  return found.map(({ realityDataId, name, sizeBytes, sceneCrs }) => ({
    name,
    segments: [{ path: reader.pathOf(realityDataId, name), sizeBytes }],
    ...(sceneCrs !== undefined && { sceneCrs }),
  }))
}

interface LocalFiles extends InputReader {
  pathOf(id: string, name: string): string
}

/** `path` plays the part of a reality data; `rds:<guid>` is a folder of that name beside the scene or its folder. */
async function openLocalPath(path: string): Promise<LocalFiles> {
  const isFolder = (await stat(path)).isDirectory()
  const isScene = isFolder ? await isFile(join(path, sceneName)) : /\.json$/i.test(path)
  const root = isFolder ? path : dirname(path)

  async function folderOf(id: string): Promise<string | undefined> {
    if (id === path) return root
    for (const folder of [join(root, id), join(root, '..', id)]) {
      const found = await stat(folder).catch(() => undefined)
      if (found?.isDirectory()) return folder
    }
    return undefined
  }
  const folders = new Map<string, string>()

  return {
    describe: async (id) => {
      const folder = await folderOf(id)
      if (folder === undefined) return undefined
      folders.set(id, folder)
      return { type: id === path && isScene ? 'ContextScene' : 'LAS' }
    },
    list: async (id) => {
      if (id === path && !isFolder && !isScene)
        return [{ name: basename(path), sizeBytes: (await stat(path)).size }]
      const files = await filesBelow(folders.get(id) ?? root)
      // A scene may have any name on disk; as reality data it has one.
      if (id === path && !isFolder) {
        const others = files.filter(({ name }) => name !== sceneName && name !== basename(path))
        return [...others, { name: sceneName, sizeBytes: (await stat(path)).size }]
      }
      return files
    },
    read: async (id, name) =>
      readFile(id === path && !isFolder && name === sceneName ? path : join(folders.get(id) ?? root, name)),
    pathOf: (id, name) => join(folders.get(id) ?? root, name),
  }
}

async function filesBelow(folder: string): Promise<{ name: string; sizeBytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files: { name: string; sizeBytes: number }[] = []
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    // A link may lead to a file or to nothing.
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile())
      files.push({ name: relative(folder, path).split(sep).join('/'), sizeBytes: found.size })
  }
  return files.sort((one, other) => (one.name < other.name ? -1 : 1))
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}
