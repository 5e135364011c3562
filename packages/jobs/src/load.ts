// What a process needs before it can run a job, in pieces that take about equally long: a process that starts can tell how far it is.

/** Each waits for nothing but itself; to be called in this order. */
export const pieces: readonly (() => Promise<unknown>)[] = [
  () => import('@alidade/formats'),
  () => import('@alidade/analysis'),
  () => import('./index.ts'),
]
