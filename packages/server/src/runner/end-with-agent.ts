// A runner must not outlive its agent, however that one died and whatever the runner is busy with.
import { Worker } from 'node:worker_threads'

/** Ends this process when the one that started it is gone: whoever takes the job up again starts afresh. */
export function endWithAgent(agentPid: number): void {
  // A signal ends it whatever its threads are at; `process.exit` would wait for them.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  // The main thread may compute for minutes and not hear that the channel was closed.
  new Worker(new URL('./watch-agent.ts', import.meta.url), {
    workerData: agentPid,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  }).unref()
}
