// Twelve kills on each database, of every kind of process. `npm run chaos -- --kills 200 --database postgres` makes more.
import { expect, inject, test } from 'vitest'
import { makeChaos } from './chaos.ts'
import { clusterTarget, embeddedTarget } from './target.ts'

test.each([
  ['pglite', embeddedTarget],
  ['postgres', () => clusterTarget(inject('postgresUrl'))],
])(
  'twelve kills -9 on %s: nothing lost, doubled or stuck, no percentage back, the same results',
  async (name, open) => {
    const target = await open()
    try {
      const pause = name === 'postgres' ? { pauseSeconds: 15 } : {}
      const report = await makeChaos({ target, kills: 12, seed: Date.now() % 1e6, ...pause })
      const { kills, jobs, uploads, seconds, left, ...faults } = report
      console.log(`${name}: ${jobs} jobs, ${uploads} uploads, ${seconds.toFixed(0)} s`)
      expect(faults).toEqual({ lost: [], different: [], wentBack: [], uploadsLost: [], doubled: [] })
      expect(left).toEqual({ exitCodes: left.exitCodes.map(() => 0), processes: [], scratch: [] })
      for (const kind of target.kinds)
        expect(kills.filter(({ victim }) => victim === kind).length).toBeGreaterThanOrEqual(3)
      expect(kills.filter(({ active }) => active).length).toBeGreaterThanOrEqual(9)
      expect(jobs).toBeGreaterThanOrEqual(target.places + 1)
    } finally {
      await target.remove()
    }
  },
  400_000,
)
