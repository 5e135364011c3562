// An answer that is expensive to get and open for everybody to ask for.

/** `ask`, asked at most once in so many milliseconds: all who come meanwhile are given the same answer. */
export function sharedFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { answer: Promise<T>; askedAt: number } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.askedAt >= milliseconds) last = { answer: ask(), askedAt: now }
    return last.answer
  }
}
