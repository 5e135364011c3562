// What is asked of an element of a PLY file, and what comes.

/** Where the next element starts; moved on by whoever reads one to its end. */
export type PlyPosition = { offset: number; line: number }

export type PlyWanted = {
  /** Indices of properties that are no lists. */
  readonly scalars: readonly number[]
  /** One property that is a list, and who takes it; the values are good until the next. */
  readonly list?: { readonly property: number; readonly take: (values: Float64Array, count: number) => void }
}

export type PlyRows = {
  readonly count: number
  /** One for each of the scalars asked for; good until the next rows. */
  readonly columns: readonly Float64Array[]
}

/** Most values of one list; a polygon of more corners is damage. */
export const longestPlyList = 1_000_000
