// The folder of the demo: fresh each time, and nothing is removed from it that the demo did not make.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFolder } from '../store/lock-folder.ts'

export interface DemoFolder {
  path: string
  dataDir: string
  sceneDir: string
  resultsDir: string
  /** To be called right before the service takes the lock of its data folder itself. */
  release(): Promise<void>
}

/** The folder cannot be used, for a reason a person can act on. */
export class DemoFolderError extends Error {
  override readonly name = 'DemoFolderError'
}

const marker = 'made-by-alidade-demo.txt'
const ours = ['data', 'scene', 'results'] as const
const mostNames = 99

/** `base`, or `base-2`, `base-3` ... where a folder of that name is not the demo's own or is in use. */
export async function openFreshDemoFolder(base: string): Promise<DemoFolder> {
  for (let number = 1; number <= mostNames; number++) {
    try {
      return await openDemoFolder(number === 1 ? base : `${base}-${number}`)
    } catch (error) {
      if (!(error instanceof DemoFolderError)) throw error
    }
  }
  throw new DemoFolderError(
    `${base} and ${mostNames - 1} numbered names after it are taken; remove some of them.`,
  )
}

/**
 * Makes the folder, or empties it of what an earlier demo made. DemoFolderError for a folder with something in it
 * but without the demo's mark, and for one that a demo or a service is using.
 */
export async function openDemoFolder(path: string): Promise<DemoFolder> {
  await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error
    throw new DemoFolderError(`${path} is not a folder.`)
  })
  const names = await readdir(path)
  if (names.length > 0 && !names.includes(marker)) {
    throw new DemoFolderError(`${path} holds files that the demo did not make; name another folder.`)
  }
  await writeFile(
    join(path, marker),
    `Each demo here starts by removing ${ours.join(', ')}; other files stay.\n`,
  )
  const [dataDir, sceneDir, resultsDir] = ours.map((name) => join(path, name)) as [string, string, string]
  await mkdir(dataDir, { recursive: true })
  const lockName = 'database.lock'
  const release = await lockFolder(join(dataDir, lockName)).catch((error: unknown) => {
    throw new DemoFolderError(`${path} cannot be used: ${(error as Error).message}.`, { cause: error })
  })
  for (const name of await readdir(dataDir)) {
    if (name !== lockName) await rm(join(dataDir, name), { recursive: true, force: true })
  }
  for (const folder of [sceneDir, resultsDir]) await rm(folder, { recursive: true, force: true })
  return { path, dataDir, sceneDir, resultsDir, release }
}
