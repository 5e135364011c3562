import { UsageError } from './usage-error.ts'

/** `name=value` of a flag; UsageError if one of the two is missing. */
export function splitPair(pair: string, flag: string, shape: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  if (at < 1 || at === pair.length - 1) throw new UsageError(`expected ${flag} ${shape}, got '${pair}'`)
  return [pair.slice(0, at).trim(), pair.slice(at + 1)]
}
