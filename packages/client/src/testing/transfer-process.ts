/**
 * One push or pull in a process of its own, to be killed: tells how far it is, one number of bytes a line, and in the
 * end the most memory it took.
 *
 *     node transfer-process.ts push URL FILE JOURNAL [block bytes]
 *     node transfer-process.ts pull URL FOLDER '' [block bytes]
 */
import { resourceUsage } from 'node:process'
import { pull } from '../node/pull.ts'
import { push } from '../node/push.ts'

const [, , direction, url, path, journal, blockBytes] = process.argv as string[]
const options = {
  onBytes: ({ doneBytes }: { doneBytes: number }) => process.stdout.write(`${doneBytes}\n`),
  ...(blockBytes !== undefined && { blockBytes: Number(blockBytes) }),
}
if (direction === 'push') await push(() => url!, path!, { ...options, journal: journal! })
else await pull(() => url!, path!, options)
process.stdout.write(`peak ${((resourceUsage().maxRSS * 1024) / 1e6).toFixed(0)}\n`)
