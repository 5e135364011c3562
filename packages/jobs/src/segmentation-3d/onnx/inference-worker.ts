// A thread with a session of ONNX Runtime of its own, on one core: it takes points and tells their classes.
import { parentPort, workerData } from 'node:worker_threads'
import { pointClasses } from '@alidade/analysis'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { InferenceData, InferenceReport, InferenceRequest, InferenceTask } from './inference-task.ts'

const { path, labels, byClass, areLogits } = workerData as InferenceData
const fatalOnly = 4

const session = await InferenceSession.create(path, {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  // What goes wrong is thrown, and told from there.
  logSeverityLevel: fatalOnly,
}).catch((error: unknown) => {
  post({ kind: 'failed', problem: problemOf(error) })
  return undefined
})

if (session !== undefined) {
  // Several may wait here; answers come in their order.
  let before = Promise.resolve()
  let isLeaving = false
  parentPort!.on('message', (request: InferenceRequest) => {
    if (request === 'leave') {
      isLeaving = true
      parentPort!.close()
    } else before = before.then(() => (isLeaving ? undefined : run(session, request)))
  })
  post({ kind: 'ready' })
}

async function run(session: InferenceSession, { sizes, values, points, wanted }: InferenceTask) {
  try {
    const input = new Tensor('float32', values, sizes)
    const isTrial = wanted === 0
    const began = isTrial ? coreSeconds() : 0
    const outputs = await session.run({ [session.inputNames[0]!]: input })
    const seconds = isTrial ? coreSeconds() - began : 0
    const { data, dims, type } = outputs[session.outputNames[0]!]!
    if (!(data instanceof Float32Array)) return fail(`expected scores in 32-bit floats, got ${type}`)
    const [told, classes] = byClass ? [dims.at(-1), dims.at(-2)] : [dims.at(-2), dims.at(-1)]
    const fewest = Math.max(...labels) + 1
    const fits = dims.length === 2 || (dims.length === 3 && dims[0] === 1)
    if (!fits || told !== points || classes === undefined || classes < fewest) {
      const expected = `${points} points and at least ${fewest} classes`
      return fail(`expected scores of ${expected}, got a tensor of ${dims.join(' x ') || 'one number'}`)
    }
    const found = pointClasses(data, { points, wanted, classes, labels, byClass, areLogits })
    post({ kind: 'found', ...found, seconds }, [found.labels.buffer, found.confidences.buffer])
  } catch (error) {
    fail(problemOf(error))
  }
}

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
const shortMilliseconds = 0.05

/**
 * Of this thread, so that a busy machine makes no model slow. The system keeps the account of a thread that runs on only a few
 * milliseconds apart, which is longer than many a run: it is up to date when the thread has slept.
 */
function coreSeconds(): number {
  Atomics.wait(never, 0, 0, shortMilliseconds)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

function fail(problem: string): void {
  post({ kind: 'failed', problem })
}

/** Engines tell much, and where the file lies; that is nobody's business. */
function problemOf(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) }
  return message.replaceAll(path, 'the model').replace(/\s+/g, ' ').slice(0, 400)
}

function post(report: InferenceReport, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(report, transfer)
}
