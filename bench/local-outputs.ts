// Outputs of a run on this machine, as a runner is told of them.
import type { TaskOutput } from '../packages/server/src/runner/messages.ts'

/** `folders`: path of each output by its internal name. */
export function localOutputs(folders: Readonly<Record<string, string>>): Record<string, TaskOutput> {
  return Object.fromEntries(
    Object.entries(folders).map(([name, folder]) => [name, { folder, name, reference: `../${name}` }]),
  )
}
