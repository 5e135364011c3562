// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds for a unit of work: `alone` on one thread whatever there are, `shared` by as many threads as there are. */
export interface Cost {
  alone: number
  shared: number
}

export const measuredCosts = {
  readLas: { alone: 7e-8, shared: 0 },
  readLaz: { alone: 0, shared: 1e-6 },
  index: { alone: 0, shared: 2.5e-7 },
  distances: { alone: 0, shared: 4e-7 },
  group: { alone: 1e-7, shared: 0 },
  describe: { alone: 6e-8, shared: 0 },
  locations: { alone: 1e-4, shared: 0 },
  segmented: { alone: 2e-7, shared: 0 },
} satisfies Record<string, Cost>
