/** ISO 8601, UTC, whole seconds: `2026-03-30T15:14:55Z`. */
export function wireDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
