import { type Answer, objectIn, unexpectedAnswer } from './answer.ts'

/** The signed URL of a container that an answer holds. */
export function containerUrlIn(answer: Answer): string {
  const href = objectIn<{ containerUrl?: { href?: unknown } | null }>(answer, '_links').containerUrl?.href
  if (typeof href === 'string' && URL.canParse(href)) return href
  throw unexpectedAnswer(answer, 'a URL in _links.containerUrl.href')
}
