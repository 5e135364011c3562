/**
 * Awaited again and again by kernels that run on the caller's thread, with the number of points or cells done since the
 * last time: there the caller counts, lets its messages out, and ends the work by throwing.
 */
export type Pace = (done: number) => Promise<void>

/** So many points or cells between two awaits: some tens of milliseconds at most. */
export const paceSteps = 1 << 14

/** What is left to tell of at the end of a walk over so many that told of `paceSteps` each time before it went on. */
export function lastSteps(count: number): number {
  return count > 0 ? ((count - 1) % paceSteps) + 1 : 0
}

export const atOnce: Pace = async () => {}

/** Counts `all` for `pace`, in whole numbers, while it is told of `work` units of something else. */
export function paceByShare(pace: Pace, all: number, work: number): Pace {
  let [done, counted] = [0, 0]
  return async (units) => {
    done += units
    const reached = done < work ? Math.floor((all * done) / work) : all
    await pace(reached - counted)
    counted = reached
  }
}
