/**
 * Files that write down, in order, everything that is done to the disk, and can hold back every sync: from the
 * record `power-cut.fixture.ts` makes what would be left at any moment.
 */
import { readFile } from 'node:fs/promises'
import { diskFiles, type Files } from './durable-files.ts'

export type DiskEvent =
  | { readonly what: 'create' | 'makeDirectory' | 'removeFile' | 'removeDirectory'; readonly path: string }
  | { readonly what: 'write'; readonly path: string; readonly bytes: Uint8Array }
  /** A file that somebody else has written is first heard of when it is to be synced. */
  | { readonly what: 'found'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly what: 'rename'; readonly path: string; readonly to: string }
  /** What is there when a sync begins is on the disk when it ends. */
  | { readonly what: 'sync begins' | 'sync ends'; readonly path: string; readonly kind: 'file' | 'directory' }
  | Acknowledged

/** To a client; `path` is the name of the blob. */
export interface Acknowledged {
  readonly what: 'acknowledged'
  readonly path: string
  /** What the blob now is; undefined: there is none. */
  readonly content?: string | undefined
  /** Or a block of it, which changes nothing yet. */
  readonly block?: { readonly id: string; readonly content: string }
}

export interface Recording {
  readonly files: Files
  readonly events: DiskEvent[]
  /** While true, syncs that are done wait in `held` to be let go. */
  hold: boolean
  readonly held: { readonly kind: 'file' | 'directory'; readonly letGo: () => void }[]
}

export function recordFiles(): Recording {
  const events: DiskEvent[] = []
  const held: Recording['held'] = []

  async function recorded(event: DiskEvent, operation: Promise<unknown>): Promise<void> {
    await operation
    events.push(event)
  }

  async function sync(
    path: string,
    kind: 'file' | 'directory',
    operation: () => Promise<void>,
  ): Promise<void> {
    events.push({ what: 'sync begins', path, kind })
    await operation()
    if (recording.hold) await new Promise<void>((letGo) => held.push({ kind, letGo }))
    events.push({ what: 'sync ends', path, kind })
  }

  const recording: Recording = {
    events,
    hold: false,
    held,
    files: {
      create: async (path) => {
        const file = await diskFiles.create(path)
        events.push({ what: 'create', path })
        return {
          // A copy: the buffer may be used again.
          write: (chunk) =>
            recorded({ what: 'write', path, bytes: Uint8Array.from(chunk) }, file.write(chunk)),
          sync: () => sync(path, 'file', () => file.sync()),
          close: () => file.close(),
        }
      },
      syncFile: async (path) => {
        events.push({ what: 'found', path, bytes: await readFile(path) })
        await sync(path, 'file', () => diskFiles.syncFile(path))
      },
      rename: (path, to) => recorded({ what: 'rename', path, to }, diskFiles.rename(path, to)),
      makeDirectory: (path) => recorded({ what: 'makeDirectory', path }, diskFiles.makeDirectory(path)),
      removeFile: (path) => recorded({ what: 'removeFile', path }, diskFiles.removeFile(path)),
      removeDirectory: (path) => recorded({ what: 'removeDirectory', path }, diskFiles.removeDirectory(path)),
      syncDirectory: (path) => sync(path, 'directory', () => diskFiles.syncDirectory(path)),
    },
  }
  return recording
}
