import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseContextScene } from './context-scene.ts'
import { box, identity, wholeScene } from './scene-whole.fixture.ts'
import { contextSceneText, writeContextScene, writeContextSceneFile } from './write-context-scene.ts'

test('ids of references are JSON integers, keys of maps strings', () => {
  const Labels = new Map([['1', { Name: 'car' }]])
  const Objects = new Map([
    ['g', { LabelInfo: { LabelId: 1 }, RotatedBox3D: { Box3D: box, Rotation: identity } }],
  ])
  const text = writeContextScene({ Annotations: { Labels, Objects3D: { SRSId: 0, Objects } } })
  expect(text).toContain('"LabelId": 1')
  expect(text).toContain('"SRSId": 0')
  expect(text).toContain('"1": {\n        "Name": "car"')
  expect(parseContextScene(text).Annotations!.Objects3D!.Objects).toEqual(Objects)
})

test('the version stands first, whatever was read or made', () => {
  const first = (scene: object) => writeContextScene(scene).slice(0, 20)
  expect(first({ References: new Map() })).toBe('{\n  "version": "6.0"')
  const late = parseContextScene('{"References":{},"version":"5.0"}')
  expect(writeContextScene(late)).toBe('{\n  "version": "6.0",\n  "References": {}\n}')
  expect(late.version).toBe('5.0')
})

test('members that are undefined are left out', () => {
  const References = new Map([['0', { Path: 'rds:x' }]])
  const text = writeContextScene({ References, ...({ Vendor: undefined } as object) })
  expect(JSON.parse(text)).toEqual({ version: '6.0', References: { '0': { Path: 'rds:x' } } })
})

test('no piece of the text is larger than one entry', () => {
  const Objects = new Map(
    Array.from({ length: 100 }, (_, i) => [
      `guid-${i}`,
      { LabelInfo: { LabelId: 1 }, RotatedBox3D: { Box3D: box, Rotation: identity } },
    ]),
  )
  const pieces = [...contextSceneText({ Annotations: { Objects3D: { Objects } } })]
  expect(pieces.length).toBeGreaterThan(200)
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1000)
})

test('a file gets the same text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  try {
    const scene = parseContextScene(JSON.stringify(wholeScene()))
    await writeContextSceneFile(join(folder, 'ContextScene.json'), scene)
    const text = await readFile(join(folder, 'ContextScene.json'), 'utf8')
    expect(text).toBe(writeContextScene(scene))
    expect(text).toBe(JSON.stringify(wholeScene(), undefined, 2))
    const aborted = writeContextSceneFile(join(folder, 'aborted'), scene, { signal: AbortSignal.abort() })
    await expect(aborted).rejects.toThrow(/abort/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
