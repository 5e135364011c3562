// A job type whose runs are divided, in one process: as agents would, one part after the other.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobType, Progress, WorkFiles } from './job-type.ts'

const uncounted: Progress = { begin: () => ({ advance: () => {} }) }

export interface DividedFixture {
  /** Tiles are made as for jobs of more points than this. */
  fromPoints: number
  /** Given the tiles, in the order in which they are run. */
  onTiles?: (names: string[]) => void
  /** How often each tile is run. Default once. */
  attempts?: (tile: number) => number
}

export function divided(type: JobType, { fromPoints, onTiles, attempts }: DividedFixture): JobType {
  const division = type.division!
  return {
    ...type,
    run: async (context) => {
      const folder = async (name: string) => {
        const path = join(context.scratch, name)
        await mkdir(path, { recursive: true })
        return path
      }
      const shared = await folder('shared')
      const quiet = { ...context, progress: uncounted }
      const { tiles } = await division.divide(quiet, { path: (name) => join(shared, name) }, fromPoints)
      onTiles?.(tiles.map(({ name }) => name))
      const done: { tile: (typeof tiles)[number]; results: WorkFiles }[] = []
      for (const [number, tile] of tiles.entries()) {
        const files = await filesIn(shared, tile.files)
        const inputs: typeof context.inputs = {}
        for (const [input, names] of Object.entries(tile.inputs))
          inputs[input] = (context.inputs[input] ?? []).filter(({ name }) => names.includes(name))
        let results = ''
        for (let attempt = 0; attempt < (attempts?.(number) ?? 1); attempt++) {
          results = await folder(`tile-${number}-${attempt}`)
          const into = results
          await division.runTile({
            ...{ ...quiet, inputs, tile, files },
            results: { path: (name) => join(into, name) },
          })
        }
        done.push({ tile, results: await filesIn(results) })
      }
      await division.merge({ ...context, divided: await filesIn(shared), tiles: done })
    },
  }
}

async function filesIn(folder: string, only?: readonly string[]): Promise<WorkFiles> {
  const files: WorkFiles = {}
  for (const name of only ?? (await readdir(folder))) {
    const path = join(folder, name)
    files[name] = { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
  }
  return files
}
