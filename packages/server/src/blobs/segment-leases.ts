/**
 * Lets readers finish with files that a newer version has replaced: a file somebody reads is removed when the
 * last reader is done. A crash in between leaves the file to the sweep.
 */
import type { Files } from './durable-files.ts'

export class SegmentLeases {
  readonly #readers = new Map<string, number>()
  readonly #doomed = new Set<string>()
  readonly #files: Pick<Files, 'removeFile'>

  constructor(files: Pick<Files, 'removeFile'>) {
    this.#files = files
  }

  /** Keeps the files until the returned function is called. */
  hold(paths: readonly string[]): () => void {
    for (const path of paths) this.#readers.set(path, (this.#readers.get(path) ?? 0) + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      for (const path of paths) this.#release(path)
    }
  }

  /** Removes the file now, or when its last reader is done. */
  async remove(path: string): Promise<void> {
    if (this.#readers.has(path)) this.#doomed.add(path)
    else await this.#files.removeFile(path)
  }

  /** Whether the file only waits for its readers. */
  doomed(path: string): boolean {
    return this.#doomed.has(path)
  }

  #release(path: string): void {
    const left = this.#readers.get(path)! - 1
    if (left > 0) {
      this.#readers.set(path, left)
      return
    }
    this.#readers.delete(path)
    if (!this.#doomed.delete(path)) return
    // Nobody waits for this; what cannot be removed now is removed by the sweep.
    void this.#files.removeFile(path).catch(() => {})
  }
}
