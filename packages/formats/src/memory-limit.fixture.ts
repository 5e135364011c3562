// A limit on the memory that this process may still take, held by the kernel: what is taken beyond it fails at once.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Data memory from now on (RLIMIT_DATA: heap, buffers, WebAssembly; touched or not). False where there is no
 * `prlimit` or no /proc, as elsewhere than on Linux: then nothing is limited.
 */
export function limitMemory(megabytes: number): boolean {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    const kilobytes = Number(/^VmData:\s+(\d+) kB/m.exec(status)![1])
    const bytes = kilobytes * 1024 + megabytes * 1024 * 1024
    execFileSync('prlimit', ['--pid', String(process.pid), `--data=${bytes}`])
    return true
  } catch {
    return false
  }
}
