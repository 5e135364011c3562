// Lines on their way to a file descriptor, several to a system call.
import { writeSync } from 'node:fs'

/** Lines wait for each other this long, in milliseconds: what a `kill -9` can lose. */
const flushAfterMs = 200
/** Until so many characters wait. */
const flushAtCharacters = 32 * 1024
/** How long a full pipe is left alone before it is tried again, in milliseconds. */
const fullPipePauseMs = 5

/**
 * A stream for a logger. Writing is synchronous, as handing a write to the thread pool costs more than the write; a
 * reader that is slow holds the writer up, so no line is lost to it.
 */
export class LineBuffer {
  readonly #fd: number
  #waiting = ''
  #timer: NodeJS.Timeout | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  write(line: string): void {
    this.#waiting += line
    if (this.#waiting.length >= flushAtCharacters) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), flushAfterMs).unref()
  }

  /** Returns when nothing waits any more. A reader that is gone ends the wait: there is nobody left to tell. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    let bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    while (bytes.length > 0) {
      try {
        bytes = bytes.subarray(writeSync(this.#fd, bytes))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullPipePauseMs)
      }
    }
  }
}
