import { expect, test, vi } from 'vitest'
import { sharedFor } from './shared-for.ts'

test('what is expensive is asked less often, what is cheap once in its time', async () => {
  let nowMs = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  try {
    let asked = 0
    let tookMs = 0
    const ask = sharedFor(
      1000,
      async () => {
        nowMs += tookMs
        return ++asked
      },
      0.1,
    )
    const at = (ms: number) => {
      nowMs = ms
      return ask()
    }
    expect([await at(0), await at(999), await at(1000)]).toEqual([1, 1, 2])
    tookMs = 500
    expect(await at(2000)).toBe(3)
    expect([await at(3500), await at(6999), await at(7000)]).toEqual([3, 3, 4])
  } finally {
    clock.mockRestore()
  }
})
