/** The thread side of `compareClouds`: indexes a cloud when told to, then takes chunks until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import {
  compareChunk,
  indexCloud,
  type NearestData,
  type NearestReport,
  type NearestTask,
} from './nearest-tasks.ts'

const port = parentPort
if (port === null) throw new Error('nearest-worker.ts must run in a worker thread')
const data = workerData as NearestData
const report = (message: NearestReport) => port.postMessage(message)

port.on('message', (task: NearestTask) => {
  if (task.kind === 'index') {
    indexCloud(data, task, report)
    return
  }
  let found: NearestReport
  do {
    found = compareChunk(task)
    report(found)
  } while (found.kind !== 'idle')
})
