// The names that a request gives a job type, its inputs and its outputs: what is behind them, or why there is nothing.
import {
  type ApiVersion,
  type DeclaredJobType,
  declaredJobTypes,
  type ErrorDetail,
  isDelivered,
} from '@alidade/contract'
import { entryNamedLoosely, nameIn, shown } from './declared-names.ts'
import type { JobPlaces } from './job-places.ts'

/** The type of a name; one that is not delivered is a fault, and yet what else is wrong with the request can be told. */
export function readType(
  version: ApiVersion,
  sent: string,
  faults: ErrorDetail[],
): DeclaredJobType | undefined {
  const type = declaredJobTypes.find((one) => one[version] === sent)
  if (type !== undefined && isDelivered(type)) return type
  const delivered = declaredJobTypes.filter(isDelivered).flatMap((one) => one[version] ?? [])
  const message =
    type === undefined
      ? `Unknown job type ${shown(sent)}; expected one of ${delivered.join(', ')}.`
      : `Job type ${shown(sent)} is not delivered by this service.`
  faults.push({ code: 'InvalidValue', message, target: 'type' })
  return type
}

/** The internal names of outputs, each once, and each with the output that it needs. */
export function readOutputs(
  declaration: DeclaredJobType,
  outputs: readonly string[],
  places: JobPlaces,
  faults: ErrorDetail[],
): string[] {
  const names: string[] = []
  const positions = new Map<string, number>()
  const fault = (i: number, message: string) =>
    faults.push({ code: 'InvalidValue', message, target: places.output(i) })
  for (const [i, sent] of outputs.entries()) {
    const named = readName('outputs', declaration, places.version, sent)
    if ('fault' in named) fault(i, named.fault)
    else if (positions.has(named.name)) fault(i, `Output ${shown(sent)} is requested twice.`)
    else {
      positions.set(named.name, i)
      names.push(named.name)
    }
  }
  for (const [name, i] of positions) {
    const base = declaration.outputs[name]?.requires
    if (base === undefined || positions.has(base)) continue
    const baseName = nameIn(places.version, declaration.outputs, base)
    fault(i, `Output ${shown(outputs[i])} needs '${baseName}' to be requested too.`)
  }
  return names
}

/** Inputs that are required and not among `given`, by the names of `version`. */
export function missingInputs(
  { inputs }: DeclaredJobType,
  version: ApiVersion,
  given: ReadonlySet<string>,
): string[] {
  return Object.entries(inputs).flatMap(([name, { required, ...input }]) => {
    const waived = typeof required === 'object' && required.unless.some((other) => given.has(other))
    return required === false || waived || given.has(name) ? [] : (input[version] ?? [])
  })
}

/** The internal name behind the name of an input or output, or why there is none. */
export function readName(
  kind: 'inputs' | 'outputs',
  declaration: DeclaredJobType,
  version: ApiVersion,
  sent: string,
): { name: string } | { fault: string } {
  const declarations: Record<string, { v1?: string; v2?: string; delivered: boolean }> = declaration[kind]
  const word = kind === 'inputs' ? 'input' : 'output'
  const entry = entryNamedLoosely(declarations, version, sent)
  // Of a type that is not delivered, that is all there is to say.
  const taken = (one: { delivered: boolean }) => one.delivered || !isDelivered(declaration)
  if (entry !== undefined && taken(entry[1])) return { name: entry[0] }
  if (entry !== undefined) {
    const capital = word[0]!.toUpperCase() + word.slice(1)
    return { fault: `${capital} ${shown(sent)} is not delivered by this service.` }
  }
  const known = Object.values(declarations).flatMap((one) => (taken(one) && one[version]) || [])
  return {
    fault: `Unknown ${word} ${shown(sent)} of ${declaration[version]}; expected one of ${known.join(', ')}.`,
  }
}
