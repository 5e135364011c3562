// How fast bytes go over the line: over the last seconds, so that it follows the line and does not jump with each block.
import type { Clock } from '../clock.ts'

const windowSeconds = 10

export interface TransferRate {
  add(sizeBytes: number): void
  /** Of the window, or of the time since the start where that is shorter. */
  bytesPerSecond(): number
}

export function transferRate(clock: Clock): TransferRate {
  const startedAt = clock.now()
  /** By the second they came in. */
  const bytesBySecond = new Map<number, number>()
  const second = () => Math.floor(clock.now() / 1000)
  return {
    add(sizeBytes) {
      bytesBySecond.set(second(), (bytesBySecond.get(second()) ?? 0) + sizeBytes)
    },
    bytesPerSecond() {
      let sum = 0
      for (const [at, bytes] of bytesBySecond) {
        if (at <= second() - windowSeconds) bytesBySecond.delete(at)
        else sum += bytes
      }
      const elapsedSeconds = (clock.now() - startedAt) / 1000
      return sum / Math.max(Math.min(elapsedSeconds, windowSeconds), 0.001)
    },
  }
}
