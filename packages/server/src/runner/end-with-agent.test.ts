import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('a runner that computes without a pause is gone soon after its agent was killed', async () => {
  const agent = spawn(
    process.execPath,
    [fileURLToPath(new URL('./agent-of-busy-runner.fixture.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [printed] = (await once(agent.stdout, 'data')) as [Buffer]
  const pid = Number(String(printed))
  const cpuTicks = async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[11])
  }
  try {
    // Busy for half a second of processor time: by now the main thread hears nothing any more.
    for (const before = await cpuTicks(); (await cpuTicks()) < before + 50; ) await delay(20)
    agent.kill('SIGKILL')
    const killedAt = performance.now()
    while (await isAlive(pid)) {
      expect(performance.now() - killedAt, 'milliseconds after the kill').toBeLessThan(5000)
      await delay(20)
    }
  } finally {
    if (await isAlive(pid)) process.kill(pid, 'SIGKILL')
  }
})

/** A zombie has ended; when its parent takes note of it is not the point here. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
}
