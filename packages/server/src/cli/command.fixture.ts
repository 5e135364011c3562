// The `alidade` command inside the test's own process: what it printed and its exit code.
import { Writable } from 'node:stream'
import { main } from './main.ts'

export interface CommandResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs `alidade ...args` in the folder `cwd`, with nothing in the environment but `env`. */
export async function runCommand(
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<CommandResult> {
  const stdout = collector()
  const stderr = collector()
  const exitCode = await main(args, { cwd, env, stdout: stdout.stream, stderr: stderr.stream })
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() }
}

function collector() {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  return { stream, text: () => text }
}
