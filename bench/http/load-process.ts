// A load generator in a process of its own, given one task after the other.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { cpuSeconds } from './measure.ts'

export interface LoadProcess<Task, Result> {
  run(task: Task): Promise<Result>
  /** Its processor time so far: a generator near one core is what is measured, and no server. */
  cpuSeconds(): Promise<number>
  stop(): void
}

/** `program` answers each message with one. */
export function startLoad<Task extends object, Result>(program: string): LoadProcess<Task, Result> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), { serialization: 'advanced' })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code}`)
  })
  ended.catch(() => undefined) // told to whoever waits for an answer
  return {
    run: async (task) => {
      const answer = once(child, 'message')
      child.send(task)
      const [result] = await Promise.race([answer, ended])
      return result as Result
    },
    cpuSeconds: () => cpuSeconds(child.pid!),
    stop: () => void child.kill(),
  }
}
