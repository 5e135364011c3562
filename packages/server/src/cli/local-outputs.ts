// The result folder of `alidade run`: everything is made aside and moved to its place when it is whole, so that a
// run that fails, is interrupted or killed leaves no half output under the name of a whole one.
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { UsageError } from './usage-error.ts'

export interface ResultFolder {
  /** Folder of each output while it is being made, by the name that was asked for. */
  outputPaths: Record<string, string>
  scratch: string
  /** Puts every output in its place; returns their final folders and the files in them, sorted. */
  commit(): Promise<Record<string, { path: string; files: string[] }>>
  writeSummary(summary: object): Promise<void>
  /** Removes what was not committed, and the folder itself where this run has made it and leaves it empty. */
  close(): Promise<void>
}

/** UsageError unless `folder` is new or empty, or `force` is set; with it, outputs of the same names are replaced. */
export async function openResultFolder(
  folder: string,
  outputs: { nameAsked: string }[],
  { force }: { force: boolean },
): Promise<ResultFolder> {
  const existing = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    if (error.code === 'ENOTDIR') throw new UsageError(`--out ${folder} is a file; expected a folder`)
    throw error
  })
  if (existing !== undefined && existing.length > 0 && !force) {
    throw new UsageError(
      `--out ${folder} is not empty (${existing[0]}, ...); give a new folder, or --force to replace results in it`,
    )
  }
  // The first folder of the path that was not there, to be removed with all that this run has made.
  const made = await mkdir(folder, { recursive: true })
  const aside = await mkdtemp(join(folder, '.unfinished-'))
  const outputPaths: Record<string, string> = {}
  for (const { nameAsked } of outputs) {
    outputPaths[nameAsked] = join(aside, 'outputs', nameAsked)
    await mkdir(outputPaths[nameAsked], { recursive: true })
  }
  const scratch = join(aside, 'scratch')
  await mkdir(scratch)

  return {
    outputPaths,
    scratch,
    commit: async () => {
      const committed: Record<string, { path: string; files: string[] }> = {}
      for (const { nameAsked } of outputs) {
        const from = outputPaths[nameAsked]!
        const path = join(folder, nameAsked)
        await rm(path, { recursive: true, force: true })
        await rename(from, path)
        committed[nameAsked] = { path, files: await filesBelow(path) }
      }
      return committed
    },
    writeSummary: (summary) =>
      writeFile(join(folder, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`),
    close: async () => {
      await rm(aside, { recursive: true, force: true })
      if (made !== undefined && (await readdir(folder)).length === 0)
        await rm(made, { recursive: true, force: true })
    },
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}
