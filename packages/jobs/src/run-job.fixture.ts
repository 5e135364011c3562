// Runs a job as a runner would, in this process and a temporary folder, and keeps what it says.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { JobMessage } from '@alidade/contract'
import { openFile } from '@alidade/formats'
import { onTestFinished } from 'vitest'
import type { InputFile, InspectedFile, JobContext, JobType, PlannedRun, StepReport } from './job-type.ts'
import { withInputsToPlan } from './open-input-file.ts'

export interface JobRun {
  folder: string
  warnings: JobMessage[]
  /** The last report of every part, in order. */
  steps: StepReport[]
  path(output: string, fileName: string): string
  read(output: string, fileName: string): Promise<Buffer>
  /** Every file that was written, by `output/name`. */
  files(): Promise<Map<string, Buffer>>
}

export interface JobToRun {
  /** Paths of files, or the files with what a scene says of them. */
  inputs: Record<string, string | (string | InputFile)[] | undefined>
  outputs: string[]
  options?: JobContext['options'] | undefined
  detectors?: JobContext['detectors'] | undefined
  memoryLimitMegabytes?: number | undefined
  threads?: number | undefined
  signal?: AbortSignal | undefined
  kept?: JobContext['kept']
  onReport?: ((report: StepReport) => void) | undefined
}

export async function runJobType(
  type: JobType,
  { inputs, outputs, options = {}, threads = 1, signal, kept, onReport, ...context }: JobToRun,
): Promise<JobRun> {
  const folder = await temporaryFolder()
  for (const name of outputs) await mkdir(join(folder, name))
  const warnings: JobMessage[] = []
  const steps: StepReport[] = []
  const files: JobContext['inputs'] = {}
  for (const [name, given] of Object.entries(inputs))
    if (given !== undefined) files[name] = await inputFiles(given)
  const path = (output: string, fileName: string) => join(folder, output, fileName)
  await planned(type, files, { outputs, threads, options, ...context })
  await type.run({
    ...(context.detectors !== undefined && { detectors: context.detectors }),
    memoryLimitMegabytes: context.memoryLimitMegabytes,
    inputs: files,
    options,
    outputs: Object.fromEntries(
      outputs.map((name) => [
        name,
        { path: (fileName: string) => path(name, fileName), name, reference: `../${name}` },
      ]),
    ),
    progress: {
      begin: (step, { part, total, unit }) => {
        const report = { step, part, done: 0, total, unit }
        steps.push(report)
        onReport?.({ ...report })
        return {
          advance: (count, ahead) => {
            report.done += count
            onReport?.({ ...report, ...(ahead && { ahead }) })
          },
        }
      },
    },
    signal: signal ?? new AbortController().signal,
    scratch: folder,
    threads,
    kept,
    warn: (warning) => warnings.push(warning),
  })
  const read = (output: string, name: string) => readFile(path(output, name))
  return {
    folder,
    warnings,
    steps,
    path,
    read,
    files: async () => {
      const files = new Map<string, Buffer>()
      for (const output of outputs) {
        for (const name of (await readdir(join(folder, output))).sort())
          files.set(`${output}/${name}`, await read(output, name))
      }
      return files
    },
  }
}

/** As whoever starts a runner does: no run begins without a plan that the percentage can be told from. */
async function planned(
  type: JobType,
  files: JobContext['inputs'],
  run: Omit<PlannedRun, 'inputs'>,
): Promise<void> {
  await withInputsToPlan(files, async (inputs) => {
    for (const { part, total, secondsEach } of await type.plan({ ...run, inputs }))
      if (!(total >= 0 && secondsEach >= 0 && total * secondsEach < Infinity))
        throw new RangeError(`the plan has ${total} of ${part} at ${secondsEach} s`)
  })
}

/** Removed when the test, or the file's last hook, is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-jobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function inputFiles(files: string | (string | InputFile)[]): Promise<InputFile[]> {
  const list = typeof files === 'string' ? [files] : files
  return Promise.all(
    list.map(async (file) =>
      typeof file === 'string'
        ? { name: basename(file), segments: [{ path: file, sizeBytes: (await stat(file)).size }] }
        : file,
    ),
  )
}

/** Opened until the test is over, for `inspect`. */
export async function inspectedFiles(...paths: string[]): Promise<InspectedFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const source = await openFile(path)
      onTestFinished(() => source.close())
      return { name: basename(path), source }
    }),
  )
}
