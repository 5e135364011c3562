// An answer that is expensive to get and open for everybody to ask for.

/**
 * `ask`, asked at most once in so many milliseconds: all who come meanwhile are given the same answer. What takes long is
 * asked less often, so that no more than `share` of the time goes into it.
 */
export function sharedFor<T>(milliseconds: number, ask: () => Promise<T>, share = 1): () => Promise<T> {
  let last: { answer: Promise<T>; untilMs: number } | undefined
  return () => {
    const askedAtMs = performance.now()
    if (last !== undefined && askedAtMs < last.untilMs) return last.answer
    const asked = { answer: ask(), untilMs: askedAtMs + milliseconds }
    const answered = () => {
      const tookMs = performance.now() - askedAtMs
      asked.untilMs = Math.max(asked.untilMs, askedAtMs + tookMs / share)
    }
    asked.answer.then(answered, answered)
    last = asked
    return asked.answer
  }
}
