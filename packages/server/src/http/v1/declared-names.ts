// Names of v1 and the declarations behind them, read without regard to letter case.

/** The entry that v1 calls `name`, with its internal name. */
export function entryNamedLoosely<T extends { v1?: string }>(
  declarations: Record<string, T>,
  name: string,
): [internalName: string, declaration: T] | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(declarations).find(([, declaration]) => declaration.v1?.toLowerCase() === wanted)
}

/** The name that v1 gives to an internal name; what v1 has no name for keeps the internal one. */
export function v1Name(declarations: Record<string, { v1?: string }>, internalName: string): string {
  return declarations[internalName]?.v1 ?? internalName
}

/** A value as an error message shows it: quoted, and cut where it is long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return `'${text.length <= 80 ? text : `${text.slice(0, 80)}...`}'`
}
