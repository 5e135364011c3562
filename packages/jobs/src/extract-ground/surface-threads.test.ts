// The surface by the threads that decode.
import { GroundRaster, groundOptions, groundSurface, passesByThreads } from '@alidade/analysis'
import { LazThreads } from '@alidade/formats'
import { expect, onTestFinished, test } from 'vitest'

const options = groundOptions()

/** Waves with boxes on them, and holes. */
function rasterOf(columns: number, rows: number): GroundRaster {
  const extent = { min: [0, 0], max: [columns - 0.5, rows - 0.5], cellSize: 1, heightOrigin: 0 } as const
  const raster = new GroundRaster(extent)
  for (let cell = 0; cell < raster.lowest.length; cell++) {
    const [x, y] = [cell % columns, Math.floor(cell / columns)]
    const isBox = x % 37 > 20 && y % 41 > 24
    raster.lowest[cell] = (x * 7 + y * 3) % 11 === 0 ? Infinity : 5 * Math.sin(x / 29) + (isBox ? 4 : 0)
  }
  return raster
}

function threadsForTest(): LazThreads {
  const threads = new LazThreads()
  onTestFinished(() => threads.end())
  return threads
}

test('by threads it is, bit by bit, the surface of one thread', async () => {
  const raster = rasterOf(700, 650)
  const run = passesByThreads(threadsForTest(), 2)
  expect(await groundSurface(raster, options, { run })).toEqual(await groundSurface(raster, options))
})

test('an abort ends the work, and a thread that is lost fails it', async () => {
  const raster = rasterOf(700, 650)
  const cancelling = new AbortController()
  const run = passesByThreads(threadsForTest(), 2, cancelling.signal)
  const onAdvance = () => cancelling.abort(new Error('cancelled'))
  const cancelled = groundSurface(raster, options, { run, onAdvance, signal: cancelling.signal })
  await expect(cancelled).rejects.toThrow('cancelled')

  const threads = threadsForTest()
  const lost = groundSurface(raster, options, {
    run: passesByThreads(threads, 2),
    onAdvance: () => void threads.end(),
  })
  await expect(lost).rejects.toThrow('a thread that worked on a raster ended before its work')
})
