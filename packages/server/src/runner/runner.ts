// The process of one attempt: it loads what a job needs, is told a task, runs it, and ends. Killing it at any moment harms
// nothing but the time spent. Its argument is the pid of its agent.
import { pieces } from '@alidade/jobs/load'
import { endWithAgent } from './end-with-agent.ts'
import type { FromRunner, ToRunner } from './messages.ts'

const cancelling = new AbortController()

endWithAgent(Number(process.argv[2]))
// Ctrl-C, a closed terminal and some service managers signal the whole group; the agent decides what it means.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined)

// Most of the time until a runner is ready, and seconds where cores are busy.
for (const [i, load] of pieces.entries()) {
  await load()
  send({ kind: 'loaded', pieces: i + 1 })
}
const { runTask } = await import('./run-task.ts')

process.on('message', (message: ToRunner) => {
  if (message.kind === 'cancel') cancelling.abort(new Error('cancelled'))
  else void run(message.task)
})
send({ kind: 'ready' })

async function run(task: Parameters<typeof runTask>[0]): Promise<void> {
  const answer = await runTask(task, cancelling.signal, send)
  // Only after the last message has left is the channel closed, and with it the process.
  process.send?.(answer, () => process.exit(0))
}

/** Whoever has let go of the channel hears nothing, which is no fault: the end is near (`end-with-agent.ts`). */
function send(message: FromRunner): void {
  if (process.connected) process.send?.(message, () => undefined)
}
