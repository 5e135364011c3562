// What jobs make of one point cloud, through the real command: one service for all, as each start takes seconds.
import { afterAll, beforeAll, describe } from 'vitest'
import { testGround } from './ground.ts'
import { testModels } from './onnx-clouds.ts'
import { testSegmentation } from './segmentation.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

let workplace: Workplace

beforeAll(async () => {
  workplace = await openWorkplace()
}, 120_000)
afterAll(() => workplace?.remove())

describe('ground', () => testGround(() => workplace))
describe('segmentation', () => testSegmentation(() => workplace))
describe('models', () => testModels(() => workplace))
