/**
 * Every file operation by which a blob store changes the disk. They stand behind an interface so that a test can
 * watch their order, delay them, cut the power, or let the disk run full.
 */
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, sep } from 'node:path'

export interface OutputFile {
  write(chunk: Uint8Array): Promise<void>
  /** Returns when content and size are on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface Files {
  /** Creates a file that must not exist yet. */
  create(path: string): Promise<OutputFile>
  /** Puts the content of a file that somebody else wrote on the disk. */
  syncFile(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** The directory above exists; where there is one already, it stays. */
  makeDirectory(path: string): Promise<void>
  /** A file that is not there is as good as removed. */
  removeFile(path: string): Promise<void>
  /** Only an empty one. */
  removeDirectory(path: string): Promise<void>
  /** Puts the entries of a directory on the disk: created, renamed and removed names. */
  syncDirectory(path: string): Promise<void>
}

/** The real ones. */
export const diskFiles: Files = {
  async create(path) {
    const handle = await open(path, 'wx', 0o640)
    return {
      async write(chunk) {
        for (let done = 0; done < chunk.byteLength; ) {
          const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done)
          done += bytesWritten
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    }
  },
  async syncFile(path) {
    const handle = await open(path, 'r+')
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
  },
  rename,
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o750 })
  },
  removeFile: (path) => rm(path, { force: true }),
  removeDirectory: rmdir,
  async syncDirectory(path) {
    // Windows cannot open a directory for syncing; NTFS journals its names itself.
    if (process.platform === 'win32') return
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

/**
 * Shares directory syncs: callers that arrive while one is running all wait for the next one, which covers
 * every name they made. With 16 parallel uploads this saves most of the syncs.
 */
export function shareDirectorySyncs(files: Files): Files {
  const running = new Map<string, Promise<void>>()
  const waiting = new Map<string, Promise<void>>()

  const start = (path: string): Promise<void> => {
    const sync = files.syncDirectory(path).finally(() => {
      if (running.get(path) === sync) running.delete(path)
    })
    running.set(path, sync)
    return sync
  }

  return {
    create: (path) => files.create(path),
    syncFile: (path) => files.syncFile(path),
    rename: (from, to) => files.rename(from, to),
    makeDirectory: (path) => files.makeDirectory(path),
    removeFile: (path) => files.removeFile(path),
    removeDirectory: (path) => files.removeDirectory(path),
    syncDirectory(path) {
      const current = running.get(path)
      if (current === undefined) return start(path)
      const queued = waiting.get(path)
      if (queued !== undefined) return queued
      const next = current
        .catch(() => {}) // its own callers see that failure
        .then(() => {
          waiting.delete(path)
          return start(path)
        })
      waiting.set(path, next)
      return next
    },
  }
}

/** Creates directories so that they survive a power cut, and remembers those it has made sure of. */
export class DurableDirectories {
  readonly #files: Files
  readonly #root: string
  readonly #sure = new Map<string, Promise<void>>()

  /** `root` exists already, and so do the directories above it. */
  constructor(files: Files, root: string) {
    this.#files = files
    this.#root = root
  }

  ensure(directory: string): Promise<void> {
    if (directory === this.#root) return Promise.resolve()
    const known = this.#sure.get(directory)
    if (known !== undefined) return known
    // Only a cache: forgetting all of it costs a sync per directory.
    if (this.#sure.size > 20_000) this.#sure.clear()
    const made = this.#make(directory)
    this.#sure.set(directory, made)
    made.catch(() => this.#sure.delete(directory))
    return made
  }

  /** To be called when the directory was removed. */
  forget(directory: string): void {
    this.#sure.delete(directory)
  }

  /** To be called when the directory was removed with everything in it. */
  forgetTree(directory: string): void {
    for (const known of this.#sure.keys()) {
      if (known === directory || known.startsWith(directory + sep)) this.#sure.delete(known)
    }
  }

  async #make(directory: string): Promise<void> {
    const parent = dirname(directory)
    await this.ensure(parent)
    await this.#files.makeDirectory(directory)
    await this.#files.syncDirectory(parent)
  }
}
