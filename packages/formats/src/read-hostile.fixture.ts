// A process that reads every hostile file under a limit of memory and prints what came of each, one JSON line a file.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memorySource } from './byte-source.ts'
import { readCopcNodes } from './copc-nodes.ts'
import { FormatError } from './format-error.ts'
import { hostileFiles } from './hostile-las.fixture.ts'
import { encodeCopc } from './hostile-copc.fixture.ts'
import { readLasHeader } from './las-header.ts'
import { findVlr } from './las-vlr.ts'
import { readXyz } from './las-xyz.ts'
import { limitMemory } from './memory-limit.fixture.ts'

export type Outcome = {
  name: string
  /** Of the processor. */
  milliseconds: number
  /** Undefined when it was read. */
  error?: { name: string; code?: string; place?: string; message: string }
}

async function read(bytes: Uint8Array): Promise<void> {
  const source = memorySource(bytes)
  const header = await readLasHeader(source)
  await readXyz(source, header)
  if (findVlr(header.vlrs, 'copc', 1)) for await (const _ of readCopcNodes(source, header));
}

async function outcomeOf(name: string, bytes: Uint8Array): Promise<Outcome> {
  const began = process.cpuUsage()
  const error = await read(bytes).then(
    () => undefined,
    (error: unknown) => error as Error,
  )
  // Not wall time: other tests keep the machine busy.
  const { user, system } = process.cpuUsage(began)
  const milliseconds = Math.round((user + system) / 1000)
  if (error === undefined) return { name, milliseconds }
  const known = error instanceof FormatError ? { code: error.code, place: error.place } : {}
  return { name, milliseconds, error: { name: error.name, message: error.message, ...known } }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

// What every reader of LAZ has, the decoder, is there before the limit; so is all code.
await outcomeOf('warm up', encodeCopc({})())
const limited = limitMemory(Number(process.argv[2]))
process.stdout.write(`${JSON.stringify({ limited })}\n`)
for (const { name, bytes } of hostileFiles) {
  process.stdout.write(`${JSON.stringify(await outcomeOf(name, bytes()))}\n`)
  collectGarbage()
}
