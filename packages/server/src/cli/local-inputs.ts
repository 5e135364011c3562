// Files on this machine as the inputs of a job: a survey in a format that the input takes, a folder of them, or a scene that
// refers to some.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InputDeclaration } from '@alidade/contract'
import {
  findInputFiles,
  findSegmentationFiles,
  type InputFile,
  type InputReader,
  isSurveyFile,
  sceneNames,
  surveyEnds,
} from '@alidade/jobs'
import { UsageError } from './usage-error.ts'

/**
 * The files that an absolute path means. A folder with a ContextScene.json in it, or else a ContextScene.xml, is a
 * scene, any other folder is the files of surveys that lie directly in it. UsageError for a path that is none of
 * these; what is wrong inside a scene is a JobError, as on a server.
 */
export async function localInputFiles(
  inputName: string,
  path: string,
  {
    kind,
    accepts = [],
    segmented = undefined,
  }: Partial<Pick<InputDeclaration, 'kind' | 'accepts' | 'segmented'>> = {},
): Promise<InputFile[]> {
  if (kind === 'bucketFile' || accepts.includes('GeoJSON')) return [await plainFile(inputName, path)]
  const types = accepts.length > 0 && !segmented ? accepts : undefined
  const { id, isScene } = await identify(inputName, path, types)
  if (segmented && !isScene)
    throw new UsageError(`input ${inputName}: expected a ${sceneNames.join(' or ')}, got ${path}`)
  const reader = localReader(isScene ? id : undefined, types)
  const found = segmented
    ? await findSegmentationFiles(reader, inputName, id)
    : await findInputFiles(reader, inputName, id, types)
  return Promise.all(
    found.map(async ({ realityDataId, name, sizeBytes, sceneCrs, waveforms }) => ({
      name,
      // The scene itself may have any name.
      segments: [{ path: isNameOfScene(name) ? id : await pathOf(realityDataId, name), sizeBytes }],
      ...(sceneCrs !== undefined && { sceneCrs }),
      ...(waveforms && {
        waveforms: [{ path: await pathOf(realityDataId, waveforms.name), sizeBytes: waveforms.sizeBytes }],
      }),
    })),
  )
}

function isNameOfScene(name: string): boolean {
  return sceneNames.some((known) => known === name)
}

/** What lies in a bucket on a server is any file here. */
async function plainFile(inputName: string, path: string): Promise<InputFile> {
  const sizeBytes = await sizeOfFile(path)
  if (sizeBytes === undefined) throw new UsageError(`input ${inputName}: expected a file, got ${path}`)
  return { name: basename(path), segments: [{ path, sizeBytes }] }
}

/** The path of the file or folder, of a scene that of its file; UsageError if it is nothing an input can be. */
async function identify(
  inputName: string,
  path: string,
  accepts: readonly string[] | undefined,
): Promise<{ id: string; isScene: boolean }> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`input ${inputName}: ${path} cannot be read (${error.code})`, { cause: error })
  })
  if (found.isFile() && (isSurveyFile(path, accepts) || isSceneName(path)))
    return { id: path, isScene: isSceneName(path) }
  if (!found.isDirectory()) {
    throw new UsageError(
      `input ${inputName}: expected a ${surveyEnds(accepts)} file, a folder of them or a ${sceneNames.join(' or ')}, got ${path}`,
    )
  }
  for (const scene of sceneNames.map((name) => join(path, name)))
    if ((await sizeOfFile(scene)) !== undefined) return { id: scene, isScene: true }
  if ((await surveysIn(path, accepts)).length === 0)
    throw new UsageError(`input ${inputName}: the folder ${path} holds no ${surveyEnds(accepts)} file`)
  return { id: path, isScene: false }
}

/** Absolute paths of files and folders play the part of reality data ids. */
function localReader(scenePath: string | undefined, accepts: readonly string[] | undefined): InputReader {
  return {
    describe: async (id) => {
      const found = await stat(id).catch(() => undefined)
      return found && { type: id === scenePath ? 'ContextScene' : '' }
    },
    list: async (id) => {
      const sizeBytes = await sizeOfFile(id)
      if (sizeBytes === undefined) return surveysIn(id, accepts)
      // A scene may have any name on disk; as reality data it has one of two.
      const [json, xml] = sceneNames
      const sceneName = /\.xml$/i.test(id) ? xml : json
      return [{ name: id === scenePath ? sceneName : basename(id), sizeBytes }]
    },
    read: async (id) => readFile(id),
    find: async (id, name) => {
      const sizeBytes = await sizeOfFile(await pathOf(id, name))
      return sizeBytes === undefined ? undefined : { name, sizeBytes }
    },
    refer: (referencePath, sceneId) => referToLocal(referencePath.trim(), dirname(sceneId)),
    title: (id) => id,
  }
}

function referToLocal(path: string, folder: string): { realityDataId: string } | { problem: string } {
  const shown = `'${path.slice(0, 80)}'`
  if (/^rds:/i.test(path))
    return { problem: `${shown} is reality data of a service; expected a folder or file of this machine.` }
  if (URL.canParse(path) && /^[a-z][a-z0-9+.-]+:/i.test(path)) {
    const realityDataId = pathOfUrl(path)
    return realityDataId === undefined
      ? { problem: `expected a folder or file of this machine, got ${shown}.` }
      : { realityDataId }
  }
  return { realityDataId: resolve(folder, path.replaceAll('\\', '/')) }
}

/** Undefined for what is no file URL of this machine, or holds escapes that no path can: `%2F`, `%zz`. */
function pathOfUrl(text: string): string | undefined {
  const url = new URL(text)
  if (url.protocol !== 'file:' || url.host !== '') return undefined
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

/** Path of a file of this name: in the folder `id`, beside the scene `id`, or the cloud `id` itself and its waveforms. */
async function pathOf(id: string, name: string): Promise<string> {
  if (await isFolder(id)) return join(id, name)
  return isSceneName(id) || /\.wdp$/i.test(name) ? join(dirname(id), name) : id
}

function isSceneName(path: string): boolean {
  return /\.(?:json|xml)$/i.test(path)
}

async function surveysIn(
  folder: string,
  accepts: readonly string[] | undefined,
): Promise<{ name: string; sizeBytes: number }[]> {
  const files: { name: string; sizeBytes: number }[] = []
  for (const name of (await readdir(folder)).sort()) {
    const sizeBytes = isSurveyFile(name, accepts) ? await sizeOfFile(join(folder, name)) : undefined
    if (sizeBytes !== undefined) files.push({ name, sizeBytes })
  }
  return files
}

/** Undefined for what is no file, or a link that leads to none. */
async function sizeOfFile(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? found.size : undefined
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
