// Where a push remembers what was acknowledged, so that `alidade push ... --to ID` goes on.
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Io } from './main.ts'

/** One file for each reality data, in the folder for what programs remember between runs; nobody else can read it. */
export async function pushJournalPath(realityDataId: string, { env }: Io): Promise<string> {
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state')
  const folder = join(state, 'alidade')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return join(folder, `push-${encodeURIComponent(realityDataId.toLowerCase())}.jsonl`)
}
