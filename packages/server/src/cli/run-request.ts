// What `alidade run` is asked to do: its arguments, read against the declaration of the job type as one API version
// names it. Everything wrong here is wrong usage.
import { access, constants, stat } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ErrorDetail } from '@alidade/contract'
import {
  type ApiVersion,
  builtInDetectors,
  type InputDeclaration,
  isUndelivered,
  type JobTypeDeclaration,
  type JobTypeName,
  jobTypeNamed,
  jobTypes,
  type OptionDeclaration,
  type OutputDeclaration,
} from '@alidade/contract/jobs'
import type { InputDetector } from '@alidade/jobs'
import { numberOf, readConfig } from '../config/read-config.ts'
import { entryNamedLoosely } from '../http/jobs/declared-names.ts'
import { v1Places } from '../http/jobs/job-places.ts'
import { type OptionValue, readOptions } from '../http/jobs/option-values.ts'
import type { Io } from './main.ts'
import { splitPair } from './split-pair.ts'
import { UsageError } from './usage-error.ts'

export interface RunRequest {
  type: JobTypeName
  /** As it was typed: its case says which API version's names are meant. */
  typeAsked: string
  version: ApiVersion
  declaration: JobTypeDeclaration
  /** Files, folders and scenes of each input, by internal name; all exist. */
  inputs: { name: string; nameAsked: string; paths: string[] }[]
  /** By the internal names of the inputs that are detectors. */
  detectors: Record<string, InputDetector>
  outputs: { name: string; nameAsked: string; declaration: OutputDeclaration }[]
  /** Typed, by internal name. */
  options: Record<string, OptionValue>
  /** Options that were given and have no effect in this version, as they were named. */
  ignoredOptions: string[]
  folder: string
  force: boolean
  json: boolean
  threads: number
  memoryLimitMegabytes: number
  /** 0 for no limit. */
  timeLimitMinutes: number
}

const argumentOptions = {
  input: { type: 'string', multiple: true, short: 'i' },
  output: { type: 'string', multiple: true, short: 'o' },
  option: { type: 'string', multiple: true },
  out: { type: 'string' },
  force: { type: 'boolean' },
  json: { type: 'boolean' },
  threads: { type: 'string' },
  'memory-limit': { type: 'string' },
  'time-limit': { type: 'string' },
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** The request, or the job type whose help is asked for (`undefined`: help on the command). */
export async function readRunArguments(
  args: string[],
  io: Io,
): Promise<{ request: RunRequest } | { helpOn: [JobTypeDeclaration, ApiVersion] | undefined }> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: argumentOptions })
  const [typeAsked, ...rest] = positionals
  if (values.help === true) return { helpOn: typeAsked === undefined ? undefined : findType(typeAsked) }
  if (typeAsked === undefined) throw new UsageError('expected a job type, such as changeDetection')
  if (rest.length > 0) throw new UsageError(`expected one job type, got also '${rest.join(' ')}'`)
  const [declaration, version] = findType(typeAsked)
  const seen = declarationAsSeenBy(version, declaration)

  const outputs = readOutputs(seen, values.output ?? [])
  const { inputs, detectors } = await readInputs(seen, values.input ?? [], io.cwd)
  const { options, ignoredOptions } = readOptionPairs(seen, values.option ?? [])
  if (values.out === undefined) throw new UsageError('expected --out DIR, where the results go')

  const flags = {
    threads: values.threads,
    'memory-limit': values['memory-limit'],
    'time-limit': values['time-limit'],
  }
  const config = await readConfig({ flags, env: io.env, cwd: io.cwd, configFile: values.config })
  return {
    request: {
      type: declaration.name as JobTypeName,
      typeAsked,
      version,
      declaration,
      inputs,
      detectors,
      outputs,
      options,
      ignoredOptions,
      folder: resolve(io.cwd, values.out),
      force: values.force === true,
      json: values.json === true,
      threads: numberOf(config.threads) ?? availableParallelism(),
      memoryLimitMegabytes: numberOf(config.memoryLimit) ?? Math.floor((totalmem() * 0.75) / 1e6),
      timeLimitMinutes: numberOf(config.timeLimit) ?? 0,
    },
  }
}

function findType(name: string): [JobTypeDeclaration, ApiVersion] {
  const delivered = Object.values<JobTypeDeclaration>(jobTypes).flatMap(({ v1, v2 }) =>
    [v1, v2].filter((known) => known !== undefined),
  )
  for (const version of ['v1', 'v2'] as const) {
    const declaration = jobTypeNamed(version, name)
    if (declaration !== undefined) return [declaration, version]
    if (isUndelivered(version, name))
      throw new UsageError(`the job type '${name}' is not delivered yet; expected ${delivered.join(' or ')}`)
  }
  throw new UsageError(`there is no job type '${name}'; expected ${delivered.join(' or ')}`)
}

/**
 * The declaration with the names of one version in the place of v1's, where the readers of the HTTP API look for
 * them. Outputs that this version has no name for keep the internal one, as do options that are headers there; files on
 * this machine need no API for them.
 */
function declarationAsSeenBy(version: ApiVersion, declaration: JobTypeDeclaration): JobTypeDeclaration {
  const renamed = <T extends { v1?: string; v2?: string }>(entries: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(entries).map(([name, { v1, v2, ...entry }]) => {
        const seen = version === 'v1' ? v1 : v2
        return [name, { ...entry, ...(seen !== undefined && { v1: seen }) }]
      }),
    )
  const outputs = Object.entries(declaration.outputs).map(([name, { v1, v2, ...output }]) => {
    return [name, { ...output, v1: (version === 'v1' ? v1 : v2) ?? name }] as const
  })
  const options = Object.entries(renamed(declaration.options) as Record<string, OptionDeclaration>).map(
    ([name, option]) => [name, option.header === undefined ? option : { ...option, v1: name }] as const,
  )
  return {
    ...declaration,
    v1: declaration[version] ?? declaration.name,
    inputs: renamed(declaration.inputs) as Record<string, InputDeclaration>,
    outputs: Object.fromEntries(outputs),
    options: Object.fromEntries(options),
  }
}

function readOutputs(seen: JobTypeDeclaration, asked: string[]): RunRequest['outputs'] {
  const names = new Set(asked.flatMap((list) => list.split(',')).flatMap((name) => name.trim() || []))
  const delivered = Object.values(seen.outputs).flatMap(({ v1, delivered }) => (delivered && v1 ? v1 : []))
  if (names.size === 0) throw new UsageError(`expected --output, one or more of ${delivered.join(', ')}`)
  const outputs: RunRequest['outputs'] = []
  for (const nameAsked of names) {
    const [name, output] = entryNamedLoosely(seen.outputs, 'v1', nameAsked) ?? []
    if (name === undefined || output === undefined) {
      throw new UsageError(`${seen.v1} has no output '${nameAsked}'; expected one of ${delivered.join(', ')}`)
    }
    if (!output.delivered)
      throw new UsageError(
        `the output '${nameAsked}' is not delivered yet; expected one of ${delivered.join(', ')}`,
      )
    if (outputs.some((known) => known.name === name))
      throw new UsageError(`the output '${nameAsked}' is asked for twice`)
    outputs.push({ name, nameAsked, declaration: output })
  }
  for (const { nameAsked, declaration } of outputs) {
    const { requires } = declaration
    if (requires !== undefined && !outputs.some(({ name }) => name === requires))
      throw new UsageError(
        `the output '${nameAsked}' needs '${seen.outputs[requires]!.v1}' to be asked for too`,
      )
  }
  return outputs
}

async function readInputs(
  seen: JobTypeDeclaration,
  pairs: string[],
  cwd: string,
): Promise<Pick<RunRequest, 'inputs' | 'detectors'>> {
  const delivered = Object.entries(seen.inputs).filter(([, input]) => input.delivered && input.v1)
  const expected = delivered.map(([, { v1 }]) => v1).join(', ')
  const inputs: RunRequest['inputs'] = []
  const detectors: RunRequest['detectors'] = {}
  for (const pair of pairs) {
    const [nameAsked, path] = splitPair(pair, '--input', 'name=FILE')
    const [name, declaration] = entryNamedLoosely(seen.inputs, 'v1', nameAsked) ?? []
    if (name === undefined || declaration === undefined)
      throw new UsageError(`${seen.v1} has no input '${nameAsked}'; expected one of ${expected}`)
    if (!declaration.delivered)
      throw new UsageError(`the input '${nameAsked}' is not delivered yet; expected one of ${expected}`)
    if (declaration.kind === 'detector') {
      if (detectors[name] !== undefined) throw new UsageError(`input ${nameAsked} is given twice`)
      detectors[name] = await detectorNamed(nameAsked, path, cwd)
      continue
    }
    const absolute = resolve(cwd, path)
    await access(absolute, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`input ${nameAsked}: ${path} cannot be read (${error.code})`, { cause: error })
    })
    const input = inputs.find((known) => known.name === name)
    if (input === undefined) inputs.push({ name, nameAsked, paths: [absolute] })
    else if (!input.paths.includes(absolute)) input.paths.push(absolute)
  }
  const isGiven = (name: string) => inputs.some((input) => input.name === name)
  const isRequired = (required: InputDeclaration['required']) =>
    typeof required === 'boolean' ? required : !required.unless.some(isGiven)
  for (const [name, { v1, required, kind, localDefault }] of delivered) {
    if (kind === 'detector') {
      if (detectors[name] === undefined && localDefault !== undefined)
        detectors[name] = await detectorNamed(v1!, localDefault, cwd)
      if (detectors[name] === undefined && isRequired(required))
        throw new UsageError(`expected --input ${v1}=NAME, such as ${builtInDetectors[0]!.name}, or FILE`)
    } else if (!isGiven(name) && isRequired(required)) throw new UsageError(`expected --input ${v1}=FILE`)
  }
  return { inputs, detectors }
}

/** `@alidade/ground`, or with the number of the version that is here; otherwise a file: an archive, or a model. */
async function detectorNamed(input: string, identifier: string, cwd: string): Promise<InputDetector> {
  const found = builtInDetectors.find(({ name, version }) =>
    [name, `${name}/${version}`].some((known) => same(known, identifier)),
  )
  if (found === undefined) {
    const path = resolve(cwd, identifier)
    const file = await stat(path).catch(() => undefined)
    if (file?.isFile())
      return { files: [{ name: basename(path), segments: [{ path, sizeBytes: file.size }] }] }
    const known = builtInDetectors.map(({ name }) => name).join(' or ')
    throw new UsageError(
      `input ${input}: there is no detector '${identifier}' here; expected ${known}, or an archive or ONNX model`,
    )
  }
  return { library: { name: found.name, version: found.version } }
}

function readOptionPairs(seen: JobTypeDeclaration, pairs: string[]) {
  const sent: Record<string, string> = Object.create(null)
  for (const pair of pairs) {
    const [name, value] = splitPair(pair, '--option', 'name=VALUE')
    if (sent[name] !== undefined) throw new UsageError(`option ${name} is given twice`)
    sent[name] = value
  }
  const faults: ErrorDetail[] = []
  const options = readOptions(seen, sent, v1Places, faults)
  if (faults.length > 0) throw new UsageError(faults.map(({ message }) => message).join(' '))
  const ignoredOptions = Object.values(seen.options).flatMap(({ v1, delivered }) =>
    !delivered && v1 !== undefined && Object.keys(sent).some((name) => same(name, v1)) ? v1 : [],
  )
  return { options, ignoredOptions }
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
