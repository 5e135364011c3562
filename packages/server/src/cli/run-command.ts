// `alidade run`: one analysis on files of this machine. The same job code in the same kind of process as the service's.
import {
  type JobMessage,
  type JobTypeDeclaration,
  jobErrorMessage,
  jobWarningMessage,
  type OptionDeclaration,
} from '@alidade/contract/jobs'
import { type InputFile, JobError, withInputsToPlan } from '@alidade/jobs'
import { limitAttempt } from '../agent/attempt-limits.ts'
import { createPercentage } from '../agent/percentage.ts'
import { planRun } from '../agent/plan-run.ts'
import { typeOfFiles } from '../agent/result-document.ts'
import { type AttemptResult, runAttempt } from '../agent/run-attempt.ts'
import { countAllFiles } from './count-all-files.ts'
import { localInputFiles } from './local-inputs.ts'
import { openResultFolder, type ResultFolder } from './local-outputs.ts'
import type { Io } from './main.ts'
import { runHelp, typeHelp } from './run-help.ts'
import { type RunProgress, runProgress } from './run-progress.ts'
import { type RunRequest, readRunArguments } from './run-request.ts'

/** What `DIR/summary.json` and `--json` hold. */
export interface RunSummary {
  /** As it was asked for. */
  type: string
  state: 'success' | 'failed' | 'cancelled'
  /** By the names they were asked for under: type of reality data, absolute folder, files in it. */
  outputs: Record<string, { type: string; path: string; files: string[] }>
  warnings: JobMessage[]
  errors: JobMessage[]
  seconds: number
  peakMegabytes: number
  /** Those given, and those whose default is a fixed value; in the names of the version asked for. */
  options: Record<string, number | boolean | string>
}

const exitCodes = { success: 0, failed: 1, cancelled: 130 } as const

export async function runCommand(args: string[], io: Io): Promise<number> {
  const read = await readRunArguments(args, io)
  if ('helpOn' in read) {
    io.stdout.write(read.helpOn === undefined ? runHelp() : typeHelp(...read.helpOn))
    return 0
  }
  const { request } = read
  const folder = await openResultFolder(request.folder, request.outputs, { force: request.force })
  try {
    const summary = await runRequest(request, folder, io)
    if (summary.state !== 'cancelled') await folder.writeSummary(summary)
    if (request.json) io.stdout.write(`${JSON.stringify(summary)}\n`)
    else tell(summary, io)
    return exitCodes[summary.state]
  } finally {
    await folder.close()
  }
}

async function runRequest(request: RunRequest, folder: ResultFolder, io: Io): Promise<RunSummary> {
  const began = performance.now()
  const warnings = request.ignoredOptions.map((name) => jobWarningMessage('Option_Ignored', name))
  const progress = runProgress(io.stderr)
  const result = await attempt(request, folder, io, {
    show: progress.show,
    onWarning: (warning) => warnings.push(warning),
  })
  const done = result.state === 'success' ? await folder.commit() : {}
  if (result.state === 'success') progress.finish()
  progress.end()
  const typeOf = (asked: string, files: string[]) => {
    const { declaration } = request.outputs.find(({ nameAsked }) => nameAsked === asked)!
    const { realityDataType, formatOfInput } = declaration
    return formatOfInput ? typeOfFiles(realityDataType, files) : realityDataType
  }
  return {
    type: request.typeAsked,
    state: result.state === 'lost' ? 'failed' : result.state,
    outputs: Object.fromEntries(
      Object.entries(done).map(([name, output]) => [name, { type: typeOf(name, output.files), ...output }]),
    ),
    warnings: warnings.map((warning) => inNamesOf(request, warning)),
    errors: errorsOf(result).map((error) => inNamesOf(request, error)),
    seconds: Math.round(performance.now() - began) / 1000,
    peakMegabytes: 'peakMegabytes' in result ? result.peakMegabytes : 0,
    options: optionsInForce(request),
  }
}

async function attempt(
  request: RunRequest,
  folder: ResultFolder,
  io: Io,
  { show, onWarning }: Pick<RunProgress, 'show'> & { onWarning: (warning: JobMessage) => void },
): Promise<AttemptResult> {
  const inputs: Record<string, InputFile[]> = {}
  try {
    for (const { name, nameAsked, paths } of request.inputs) {
      const files = await Promise.all(
        paths.map((path) => localInputFiles(nameAsked, path, request.declaration.inputs[name])),
      )
      inputs[name] = files.flat()
    }
  } catch (error) {
    if (error instanceof JobError) return { state: 'failed', errors: [error.jobMessage], peakMegabytes: 0 }
    throw error
  }
  const plan = await planOf(request, inputs)
  const percentage = createPercentage(plan)
  const log: string[] = []
  const now = () => new Date()
  const { timeLimitMinutes } = request
  const limits = limitAttempt({ stallMinutes: 0, timeLimitMinutes, startedAt: now(), now })
  const result = await runAttempt({
    type: request.type,
    inputs,
    detectors: request.detectors,
    options: request.options,
    outputs: Object.fromEntries(
      request.outputs.map(({ name, nameAsked }) => [
        name,
        { folder: folder.outputPaths[nameAsked]!, name: nameAsked, reference: `../${nameAsked}` },
      ]),
    ),
    scratch: folder.scratch,
    threads: request.threads,
    memoryLimitMegabytes: request.memoryLimitMegabytes,
    // There is no log to look into: what an error of our own looked like goes onto the screen.
    loggedAs: 'standard error',
    signal: AbortSignal.any([io.signal, limits.signal]),
    onLog: (text) => log.push(text),
    onProgress: (report) => {
      percentage.update(report)
      show({ ...countAllFiles(plan, report), percentage: percentage.value })
    },
    onWarning,
  }).finally(limits.stop)
  const ours = errorsOf(result).some(({ code }) => code === 'Internal' || code === 'WorkerLost')
  if (ours) io.stderr.write(`${log.join('').trimEnd()}\n`)
  return result
}

function planOf(request: RunRequest, files: Record<string, InputFile[]>) {
  const { type, options, detectors, outputs, threads, memoryLimitMegabytes } = request
  return withInputsToPlan(files, (inputs) =>
    planRun({
      type,
      options,
      detectors,
      inputs,
      outputs: outputs.map(({ name }) => name),
      threads,
      memoryLimitMegabytes,
      bytesToFetch: 0,
    }),
  )
}

function errorsOf(result: AttemptResult): JobMessage[] {
  if (result.state === 'lost') return [jobErrorMessage('WorkerLost', result.cause, '1')]
  return result.state === 'failed' ? result.errors : []
}

/** Jobs speak of inputs, outputs and options by their v1 names. */
function inNamesOf({ declaration, version }: RunRequest, message: JobMessage): JobMessage {
  if (version === 'v1') return message
  const entries: { v1?: string; v2?: string }[] = [
    ...Object.values(declaration.inputs),
    ...Object.values(declaration.outputs),
    ...Object.values(declaration.options),
  ]
  let { message: text } = message
  const params = message.params.map((param) => {
    const name = entries.find(({ v1 }) => v1 === param)?.[version]
    if (name === undefined) return param
    text = text.replace(new RegExp(`\\b${param}\\b`), name)
    return name
  })
  return { ...message, message: text, params }
}

function optionsInForce({ declaration, version, options }: RunRequest): RunSummary['options'] {
  const inForce: RunSummary['options'] = {}
  const declared: Record<string, OptionDeclaration> = (declaration satisfies JobTypeDeclaration).options
  for (const [name, option] of Object.entries(declared)) {
    const nameAsked = option[version] ?? (option.header && name)
    if (nameAsked === undefined) continue
    const isPublished = option.header === undefined
    const fixed =
      option.delivered && isPublished && typeof option.default !== 'object' ? option.default : undefined
    const value = options[name] ?? fixed
    if (value !== undefined) inForce[nameAsked] = value
  }
  return inForce
}

function tell({ state, outputs, warnings, errors, seconds }: RunSummary, io: Io): void {
  for (const { message } of warnings) io.stderr.write(`Note: ${message}\n`)
  for (const { title, message } of errors) io.stderr.write(`${title}: ${message}\n`)
  if (state === 'cancelled') io.stderr.write('Interrupted; nothing was written.\n')
  if (state !== 'success') return
  for (const [name, { path, files }] of Object.entries(outputs)) {
    io.stdout.write(`${name}  ${path}/${files.length === 1 ? files[0] : `  (${files.length} files)`}\n`)
  }
  io.stderr.write(`Done in ${seconds.toFixed(1)} s.\n`)
}
