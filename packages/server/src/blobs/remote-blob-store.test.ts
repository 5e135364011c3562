import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startBlobServer } from './blob-server-fixture.ts'
import { openRemoteBlobStore } from './remote-blob-store.ts'

test('files go out by blocks and come back also while the first of two API processes is away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-remote-'))
  const server = await startBlobServer({
    root: join(folder, 'store'),
    resolveContainer: async (name) => {
      const [id, attempt] = name.split('.') as [string, string]
      return { container: { id, attempt: Number(attempt) }, writable: true }
    },
  })
  // Connections to it are cut: a process that is on its way down.
  const away = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = away.address() as { port: number }
    let apiUrls = [server.origin]
    const store = openRemoteBlobStore({
      apiUrls: async () => apiUrls,
      keys: [new Uint8Array(32).fill(7)],
      now: () => new Date(),
    })
    const key = { id: randomUUID(), attempt: 1 }
    // As many blocks as go out at once, and all of them to the one that is away.
    for (const sizeBytes of [10, 16 * 2 ** 20]) {
      const content = randomBytes(sizeBytes)
      const path = join(folder, 'result.las')
      await writeFile(path, content)
      const published = await store.publishFile(key, `${sizeBytes}.las`, path)
      expect(published).toMatchObject({ sizeBytes })
      const { stream } = await store.read(key, `${sizeBytes}.las`)
      expect((await buffer(stream)).equals(content)).toBe(true)
      apiUrls = [`http://127.0.0.1:${port}`, server.origin]
    }
  } finally {
    away.close()
    await server.app.close()
    await rm(folder, { recursive: true })
  }
})
