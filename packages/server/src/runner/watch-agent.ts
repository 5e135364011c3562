// A thread of the runner that ends it when its agent is gone.
import { workerData } from 'node:worker_threads'

const agentPid = workerData as number
setInterval(() => {
  if (process.ppid !== agentPid) process.kill(process.pid, 'SIGKILL')
}, 1000)
