// A thread that ends the runner when its agent has died, also while the main thread computes for minutes and cannot hear
// that the channel was closed.
import { workerData } from 'node:worker_threads'

const agentPid = workerData as number
setInterval(() => {
  if (process.ppid !== agentPid) process.kill(process.pid, 'SIGKILL')
}, 1000)
