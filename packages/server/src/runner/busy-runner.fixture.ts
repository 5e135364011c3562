// A runner in the midst of a computation that never lets its main thread hear anything.
import { endWithAgent } from './end-with-agent.ts'

endWithAgent(Number(process.argv[2]))
process.send!('busy')
setTimeout(() => {
  for (;;);
}, 300)
