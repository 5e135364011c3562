// A runner that talks all the time and gets nowhere: it reports one and the same count for ever, whatever it is told.
import type { FromRunner } from './messages.ts'
import { endWithAgent } from './end-with-agent.ts'

const report = { step: 'Read_Clouds', part: 'file 1', done: 1000, total: 5000, unit: 'points' }
process.once('message', () => {
  setInterval(() => process.send!({ kind: 'progress', report } satisfies FromRunner), 20)
})
endWithAgent(Number(process.argv[2]))
process.send!({ kind: 'ready' })
