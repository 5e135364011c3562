// Durations as people type them: `90s`, `30m`, `1h`, `7d`.

const secondsIn: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** The seconds that a text like `30m` stands for; throws RangeError with what was expected and what came. */
export function parseDurationSeconds(text: string): number {
  const parts = /^(\d{1,9})([smhd])$/.exec(text.trim().toLowerCase())
  const seconds = parts === null ? 0 : Number(parts[1]) * (secondsIn[parts[2] ?? ''] ?? 0)
  if (seconds === 0) {
    throw new RangeError(
      `expected a duration of a whole number above zero and one of s, m, h or d, like 30m or 7d; got '${text}'`,
    )
  }
  return seconds
}
