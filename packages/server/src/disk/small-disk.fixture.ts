// A disk of a few megabytes, for tests that run it full: a tmpfs, where this user may mount one.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'

export interface SmallDisk {
  path: string
  freeBytes(): Promise<number>
  /** Puts a file on it that leaves no more than so many bytes free. */
  fill(leaveBytes?: number): Promise<void>
  /** Removes that file. */
  empty(): Promise<void>
}

let fault: { text: string | undefined } | undefined

/** A test that needs small disks; where there are none it is skipped, and its name says why. */
export function testOnSmallDisk(name: string, body: () => Promise<void>, timeoutMs = 120_000): void {
  fault ??= { text: process.platform === 'linux' ? mountFault() : 'tmpfs is known on Linux only' }
  if (fault.text === undefined) test(name, body, timeoutMs)
  else test.skip(`${name} (${fault.text})`)
}

/** Gone when the test is over. */
export function makeSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'alidade-disk-'))
  mount(path, megabytes)
  onTestFinished(() => {
    // Lazy: what was lost in a test may have files open.
    execFileSync('umount', ['--lazy', path])
    rmSync(path, { recursive: true })
  })
  const filler = join(path, 'filler')
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  }
  return {
    path,
    freeBytes,
    fill: async (leaveBytes = 0) => {
      const file = await open(filler, 'a')
      try {
        for (;;) {
          const tooMuch = (await freeBytes()) - leaveBytes
          if (tooMuch <= 0) return
          await file.write(Buffer.alloc(Math.min(tooMuch, 2 ** 20)))
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    empty: () => rm(filler, { force: true }),
  }
}

function mount(path: string, megabytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' })
}

function mountFault(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'alidade-disk-'))
  try {
    mount(path, 1)
    execFileSync('umount', [path])
    return undefined
  } catch (error) {
    return `mounting a tmpfs is not permitted here: ${(error as Error).message.split('\n')[0]}`
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
