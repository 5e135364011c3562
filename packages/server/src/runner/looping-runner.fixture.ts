// A runner that takes its task into a loop without end and hears nothing any more.
import { endWithAgent } from './end-with-agent.ts'

process.once('message', () => {
  for (;;);
})
endWithAgent(Number(process.argv[2]))
process.send!({ kind: 'ready' })
