// Waits for work that was told to end, and not for ever: a disk or a network drive may never answer.

/** What `work` comes to. Once `told` is aborted it may take `graceMs` more; then undefined, and nobody waits for it. */
export async function endInTime<T>(
  work: Promise<T>,
  told: AbortSignal,
  graceMs: number,
): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  let timer: NodeJS.Timeout | undefined
  const startTimer = () => {
    timer = setTimeout(() => resolve(undefined), graceMs)
  }
  if (told.aborted) startTimer()
  else told.addEventListener('abort', startTimer, { once: true })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    told.removeEventListener('abort', startTimer)
  }
}
