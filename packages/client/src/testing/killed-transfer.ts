// Runs a transfer to its end in processes that are killed (-9) on the way.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface KilledTransfer {
  kills: number
  /** Most memory of the process that came to the end. */
  peakMegabytes: number
}

/** Another kill whenever another part of the whole is done; fewer where the rest was too fast. */
export async function killedTransfer(
  args: readonly string[],
  { sizeBytes, kills }: { sizeBytes: number; kills: number },
): Promise<KilledTransfer> {
  const program = fileURLToPath(new URL('transfer-process.ts', import.meta.url))
  let killed = 0
  for (;;) {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let peakMegabytes = 0
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith('peak ')) peakMegabytes = Number(line.slice('peak '.length))
      else if (killed < kills && Number(line) >= (sizeBytes * (killed + 1)) / (kills + 1)) {
        killed++
        child.kill('SIGKILL')
        break
      }
    }
    const [code, signal] = await exit
    if (code === 0) return { kills: killed, peakMegabytes }
    if (signal !== 'SIGKILL') throw new Error(`${args[0]} ended with ${signal ?? code}`)
  }
}
