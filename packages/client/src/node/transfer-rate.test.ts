import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { transferRate } from './transfer-rate.ts'

test('the rate is that of the last ten seconds, and of the time since the start before', async () => {
  const clock = virtualClock()
  const rate = transferRate(clock)
  await clock.sleep(2000)
  rate.add(4000)
  expect(rate.bytesPerSecond()).toBe(2000)
  for (let second = 0; second < 30; second++) {
    await clock.sleep(1000)
    rate.add(500)
  }
  expect(rate.bytesPerSecond()).toBe(500)
})

test('a line that is dead comes down to nothing', async () => {
  const clock = virtualClock()
  const rate = transferRate(clock)
  await clock.sleep(1000)
  rate.add(1e6)
  await clock.sleep(11_000)
  expect(rate.bytesPerSecond()).toBe(0)
})
