// A few kills, of every kind of process on each database; `npm run chaos -- --kills 200 --database postgres` makes more, among
// three agents instead of two, of jobs that take longer, and with an agent that is stopped for a minute amid them.
import { expect, inject, test } from 'vitest'
import { makeChaos } from './chaos.ts'
import { clusterTarget, embeddedTarget } from './target.ts'

test.each([
  ['pglite', embeddedTarget, 3],
  ['postgres', () => clusterTarget(inject('postgresUrl'), { agents: 2 }), 5],
])(
  'kills -9 of every kind of process on %s: nothing lost, doubled or stuck, no percentage back, the same results',
  async (name, open, kills) => {
    const target = await open()
    try {
      const report = await makeChaos({
        target,
        kills,
        seed: Date.now() % 1e6,
        pointCount: 8000,
        sideMetres: 60,
      })
      const { kills: made, jobs, uploads, seconds, left, ...faults } = report
      console.log(`${name}: ${jobs} jobs, ${uploads} uploads, ${seconds.toFixed(0)} s`)
      expect(faults).toEqual({ lost: [], different: [], wentBack: [], uploadsLost: [], doubled: [] })
      expect(left).toEqual({ exitCodes: left.exitCodes.map(() => 0), processes: [], scratch: [] })
      for (const kind of target.kinds) expect(made.filter(({ victim }) => victim === kind)).not.toEqual([])
      expect(made.filter(({ active }) => active).length).toBeGreaterThanOrEqual(Math.floor((3 / 4) * kills))
      expect(jobs).toBeGreaterThanOrEqual(target.places + 1)
    } finally {
      await target.remove()
    }
  },
  400_000,
)
