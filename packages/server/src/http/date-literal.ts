// Dates as clients write them, in `$filter` and in bodies, e.g. `2026-03-30`, `2026-03-30T15:14:55Z`, `2025-08-05T14:04:56.0000000+00:00`.

const digitsAt = (text: string, start: number, count: number): number | undefined => {
  let value = 0
  for (let index = start; index < start + count; index++) {
    const digit = text.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return value
}

/**
 * The moment that an ISO 8601 date or date and time names; without an offset it is UTC, a date alone is its midnight.
 * Digits beyond the millisecond are dropped. Undefined for anything else, days that do not exist included.
 */
export function parseDateLiteral(text: string): Date | undefined {
  const year = digitsAt(text, 0, 4)
  const month = digitsAt(text, 5, 2)
  const day = digitsAt(text, 8, 2)
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (text[4] !== '-' || text[7] !== '-') return undefined
  const midnight = new Date(Date.UTC(year, month - 1, day))
  midnight.setUTCFullYear(year, month - 1, day)
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined
  if (text.length === 10) return midnight
  if (text[10] !== 'T' && text[10] !== 't') return undefined
  const time = parseTime(text, 11)
  return time === undefined ? undefined : new Date(midnight.getTime() + time)
}

/** Milliseconds since midnight UTC of `hh:mm[:ss[.fraction]][Z|+hh:mm|-hh:mm]` from `start` to the end of `text`. */
function parseTime(text: string, start: number): number | undefined {
  const hour = digitsAt(text, start, 2)
  const minute = digitsAt(text, start + 3, 2)
  if (hour === undefined || minute === undefined || text[start + 2] !== ':') return undefined
  let index = start + 5
  let second: number | undefined = 0
  let milliseconds = 0
  if (text[index] === ':') {
    second = digitsAt(text, index + 1, 2)
    index += 3
    if (text[index] === '.') {
      const first = ++index
      while (digitsAt(text, index, 1) !== undefined) index++
      if (index === first) return undefined
      milliseconds = Number(text.slice(first, Math.min(index, first + 3)).padEnd(3, '0'))
    }
  }
  if (second === undefined || hour > 23 || minute > 59 || second > 59) return undefined
  const offsetMinutes = parseOffset(text.slice(index))
  if (offsetMinutes === undefined) return undefined
  return ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + milliseconds
}

function parseOffset(text: string): number | undefined {
  if (text === '' || text === 'Z' || text === 'z') return 0
  const sign = text[0] === '+' ? 1 : text[0] === '-' ? -1 : undefined
  const hours = digitsAt(text, 1, 2)
  const minutes = digitsAt(text, 4, 2)
  if (sign === undefined || hours === undefined || minutes === undefined) return undefined
  if (text.length !== 6 || text[3] !== ':' || hours > 23 || minutes > 59) return undefined
  return sign * (hours * 60 + minutes)
}
