// Models that others have made, read; the rest of what this reader does is tested with whole detectors, in `jobs`.
import { createReadStream, globSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { readOnnxModel } from './onnx-model.ts'
import { imageryFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

test.skipIf(withoutRealData)(`every real model is walked${realDataNote}`, async () => {
  const files = globSync([imageryFile('models/*.onnx'), imageryFile('onnx_dummy/**/*.onnx')])
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    const model = await readOnnxModel(createReadStream(file))
    expect(model.operators.length, basename(file)).toBeGreaterThan(0)
    expect(model.inputs[0]!.element, basename(file)).toBe('float')
  }
})

test.skipIf(withoutRealData)(`what a real model takes and gives is told${realDataNote}`, async () => {
  const model = await readOnnxModel(createReadStream(imageryFile('models/tinydet640.onnx')))
  expect(model).toMatchObject({
    opset: 12,
    inputs: [{ name: 'images', element: 'float', shape: [1, 3, 640, 640] }],
    outputs: [{ name: 'output0', element: 'float', shape: [1, 6, 6400] }],
  })
  expect(model.metadata.get('names')).toBe("{0: 'vehicle', 1: 'tank'}")
})
