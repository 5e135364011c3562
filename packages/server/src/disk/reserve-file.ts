// A file that is there to be given up: on a full disk its room lets the database write what it takes to delete, to cancel
// and to say that a job has failed.
import { open, rename, rm, stat } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'

const chunkBytes = 1024 * 1024

export class ReserveFile {
  readonly sizeBytes: number
  readonly #path: string
  #whole = false
  #making: Promise<void> | undefined

  private constructor(path: string, sizeBytes: number) {
    this.#path = path
    this.sizeBytes = sizeBytes
  }

  /** Takes note of the file if it is there; makes nothing. */
  static async at(path: string, sizeBytes: number): Promise<ReserveFile> {
    const reserve = new ReserveFile(path, sizeBytes)
    await rm(`${path}.part`, { force: true })
    const found = await stat(path).catch(() => undefined)
    if (found?.size === sizeBytes) reserve.#whole = true
    else await rm(path, { force: true }) // of another size of disk
    return reserve
  }

  /** What it will take up once it is made again. */
  get missingBytes(): number {
    return this.#whole ? 0 : this.sizeBytes
  }

  /** Gives the room back; false: there was nothing to give. */
  async release(): Promise<boolean> {
    if (!this.#whole) return false
    this.#whole = false
    await rm(this.#path, { force: true })
    return true
  }

  /** To be called when there is room for it. A disk that turns out full leaves nothing of it. */
  make(): Promise<void> {
    if (this.#whole) return Promise.resolve()
    this.#making ??= this.#write().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  /** Returns when a writing under way has ended, one way or the other. */
  async settled(): Promise<void> {
    await this.#making?.catch(() => undefined) // whoever called for it hears of it
  }

  async #write(): Promise<void> {
    const part = `${this.#path}.part`
    try {
      const file = await open(part, 'w', 0o600)
      try {
        // Random, since some file systems give zeros and repetitions no room of their own.
        for (let left = this.sizeBytes; left > 0; left -= chunkBytes) {
          await file.write(randomBytes(Math.min(chunkBytes, left)))
        }
      } finally {
        await file.close()
      }
      await rename(part, this.#path)
      this.#whole = true
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }
}
