// Names of an API version and the declarations behind them, read without regard to letter case.
import type { ApiVersion } from '@alidade/contract'

type Named = { v1?: string; v2?: string }

/** The entry that `version` calls `name`, with its internal name. */
export function entryNamedLoosely<T extends Named>(
  declarations: Record<string, T>,
  version: ApiVersion,
  name: string,
): [internalName: string, declaration: T] | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(declarations).find(
    ([, declaration]) => declaration[version]?.toLowerCase() === wanted,
  )
}

/** The name that a version gives to an internal name; what it has no name for keeps the internal one. */
export function nameIn(
  version: ApiVersion,
  declarations: Record<string, Named>,
  internalName: string,
): string {
  return declarations[internalName]?.[version] ?? internalName
}

/** A value as an error message shows it: quoted, and cut where it is long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return `'${text.length <= 80 ? text : `${text.slice(0, 80)}...`}'`
}
