// Dates from requests.
import { parseDateLiteral } from '../date-literal.ts'

/** The moment that an ISO 8601 text names, in the years 1 to 9999, which every part of the service can keep. */
export function readDate(text: string): Date | undefined {
  const date = parseDateLiteral(text)
  const year = date?.getUTCFullYear()
  return year !== undefined && year >= 1 && year <= 9999 ? date : undefined
}
