// Something else that wants every core all the time.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** A process for each core that never pauses; returns how to end them. */
export async function keepCoresBusy(): Promise<() => Promise<void>> {
  const processes = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'process.stdout.write("busy"); for (;;);'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')))
  return async () => {
    const ended = processes.map((process) => once(process, 'exit'))
    for (const process of processes) process.kill('SIGKILL')
    await Promise.all(ended)
  }
}
