// What an ONNX model says of itself, told without running it: operators, tensors in and out, metadata. Field numbers are
// those of onnx.proto. Whatever reaches beyond the file, or that no engine of ours would run, is refused.
import { corrupt, FormatError } from './format-error.ts'
import { onnxOperators, onnxOpsets } from './onnx-operators.ts'
import { mostDimensions, type OnnxTensorType, readValueInfo } from './onnx-tensor-type.ts'
import { type WireField, WireReader } from './protobuf-wire.ts'

export interface OnnxModel {
  /** Of the domain ai.onnx. */
  readonly opset: number
  readonly producer: string
  /** Those it uses, sorted. */
  readonly operators: readonly string[]
  readonly inputs: readonly OnnxTensorType[]
  readonly outputs: readonly OnnxTensorType[]
  readonly metadata: ReadonlyMap<string, string>
}

const limits = { mostFields: 2_000_000, longestText: 64 * 1024 } as const
const [mostNodes, mostTensors, mostMetadata, deepestGraph] = [200_000, 100_000, 256, 8]
/** Reads to the end of `chunks`. FormatError with the byte, the node or the tensor at fault. */
export async function readOnnxModel(chunks: AsyncIterable<Uint8Array>): Promise<OnnxModel> {
  const reader = new WireReader(chunks, limits)
  try {
    return await new ModelWalk(reader).model()
  } finally {
    await reader.close()
  }
}

class ModelWalk {
  readonly #wire: WireReader
  #nodes = 0
  #tensors = 0
  /** `domain` a tab `name`. */
  readonly #operators = new Set<string>()
  readonly #functions = new Set<string>()
  readonly #initialised = new Set<string>()

  constructor(wire: WireReader) {
    this.#wire = wire
  }

  async model(): Promise<OnnxModel> {
    const wire = this.#wire
    const opsets = new Map<string, number>()
    const metadata = new Map<string, string>()
    let graph: { inputs: OnnxTensorType[]; outputs: OnnxTensorType[] } | undefined
    let [irVersion, producer] = [0, '']
    await wire.fields(async (field) => {
      if (field.number === 1) irVersion = field.value
      else if (field.number === 2) producer = await wire.text(field)
      else if (field.number === 7) {
        if (graph !== undefined) throw corrupt(`byte ${wire.position}`, 'one graph', 'another')
        graph = await this.#graph(field, 1)
      } else if (field.number === 8) {
        const { domain, version } = await this.#opset(field)
        opsets.set(domain, version)
      } else if (field.number === 14) {
        const [key, value] = await this.#pair(field)
        metadata.set(key, value)
        if (metadata.size > mostMetadata) throw tooMany('metadata properties', mostMetadata)
      } else if (field.number === 20) {
        throw new FormatError(
          'Unsupported',
          `byte ${wire.position}`,
          'expected a model to run, got one to train',
        )
      } else if (field.number === 25) await this.#function(field)
    })
    if (irVersion < 1) throw corrupt('model', 'the version of its format', irVersion)
    if (graph === undefined) throw corrupt('model', 'a graph', 'none')
    if (this.#nodes === 0) throw corrupt('graph', 'at least one node', 'none')
    if (graph.outputs.length === 0) throw corrupt('graph', 'at least one output', 'none')
    const inputs = graph.inputs.filter(({ name }) => !this.#initialised.has(name))
    if (inputs.length === 0) throw corrupt('graph', 'at least one input', 'none')
    return {
      ...{
        opset: checkedOpset(opsets),
        producer: producer.slice(0, 200),
        operators: this.#checkedOperators(),
      },
      ...{ inputs, outputs: graph.outputs, metadata },
    }
  }

  async #graph(graph: WireField, depth: number) {
    const wire = this.#wire
    if (graph.type !== 'bytes') throw corrupt(`byte ${wire.position}`, 'a graph', `a ${graph.type}`)
    if (depth > deepestGraph) throw tooMany('graphs inside each other', deepestGraph)
    const inputs: OnnxTensorType[] = []
    const outputs: OnnxTensorType[] = []
    await this.#wire.message(graph, async (field) => {
      if (field.number === 1) await this.#node(field, depth)
      else if (field.number === 5) {
        const name = await this.#tensor(field)
        if (depth === 1) this.#initialised.add(name)
      } else if (field.number === 11) inputs.push(await readValueInfo(wire, field))
      else if (field.number === 12) outputs.push(await readValueInfo(wire, field))
      else if (field.number === 15) await this.#sparseTensor(field)
    })
    return { inputs, outputs }
  }

  async #node(node: WireField, depth: number): Promise<void> {
    if (++this.#nodes > mostNodes) throw tooMany('nodes', mostNodes)
    let [operator, domain] = ['', '']
    await this.#wire.message(node, async (field) => {
      if (field.number === 4) operator = await this.#wire.text(field)
      else if (field.number === 7) domain = await this.#wire.text(field)
      else if (field.number === 5) await this.#attribute(field, depth)
    })
    this.#operators.add(operatorKey(domain, operator))
  }

  /** Constants of nodes are tensors, branches and bodies of loops are graphs. */
  async #attribute(attribute: WireField, depth: number): Promise<void> {
    await this.#wire.message(attribute, async (field) => {
      if (field.number === 5 || field.number === 10) await this.#tensor(field)
      else if (field.number === 6 || field.number === 11) await this.#graph(field, depth + 1)
      else if (field.number === 22 || field.number === 23) await this.#sparseTensor(field)
    })
  }

  async #sparseTensor(sparse: WireField): Promise<void> {
    await this.#wire.message(sparse, async (field) => {
      if (field.number === 1 || field.number === 2) await this.#tensor(field)
    })
  }

  /** The name of a tensor whose values are in the file, all of them. */
  async #tensor(tensor: WireField): Promise<string> {
    if (++this.#tensors > mostTensors) throw tooMany('tensors', mostTensors)
    const wire = this.#wire
    const start = wire.position
    let [name, elementCount, dimensions, external] = ['', 1, 0, false]
    await this.#wire.message(tensor, async (field) => {
      if (field.number === 1) {
        await wire.numbers(field, (size) => {
          if (size < 0 || ++dimensions > mostDimensions)
            throw corrupt(`byte ${start}`, 'sizes of a tensor', size)
          elementCount *= size
        })
      } else if (field.number === 8) name = await wire.text(field)
      else if (field.number === 13 || (field.number === 14 && field.value !== 0)) external = true
    })
    const place = name === '' ? `tensor at byte ${start}` : `tensor '${name.slice(0, 80)}'`
    if (external) {
      throw new FormatError(
        'Unsupported',
        place,
        'expected its values inside the model, got a reference to another file',
      )
    }
    // No element takes less than half a byte.
    const bytes = tensor.end - start
    if (elementCount > bytes * 2) throw corrupt(place, `bytes for ${elementCount} values`, `${bytes} bytes`)
    return name
  }

  async #opset(opset: WireField) {
    let [domain, version] = ['', 0]
    await this.#wire.message(opset, async (field) => {
      if (field.number === 1) domain = await this.#wire.text(field)
      else if (field.number === 2) version = field.value
    })
    return { domain: domain === 'ai.onnx' ? '' : domain, version }
  }

  async #pair(pair: WireField): Promise<[string, string]> {
    const both: [string, string] = ['', '']
    await this.#wire.message(pair, async (field) => {
      if (field.number === 1 || field.number === 2) both[field.number - 1] = await this.#wire.text(field)
    })
    return both
  }

  /** A function of the model's own is an operator of its own; its body is made of operators as the graph is. */
  async #function(definition: WireField): Promise<void> {
    let [name, domain] = ['', '']
    await this.#wire.message(definition, async (field) => {
      if (field.number === 1) name = await this.#wire.text(field)
      else if (field.number === 10) domain = await this.#wire.text(field)
      else if (field.number === 7) await this.#node(field, 1)
      else if (field.number === 11) await this.#attribute(field, 1)
    })
    this.#functions.add(operatorKey(domain, name))
  }

  #checkedOperators(): string[] {
    for (const key of this.#operators) {
      if (this.#functions.has(key)) continue
      const [domain, name] = key.split('\t') as [string, string]
      if (domain === '' && onnxOperators.has(name)) continue
      const shown = `'${(domain === '' ? name : `${domain}.${name}`).slice(0, 120)}'`
      throw new FormatError('Unsupported', 'graph', `expected operators of ai.onnx that detect, got ${shown}`)
    }
    return [...this.#operators].map((key) => key.split('\t')[1]!).sort()
  }
}

function operatorKey(domain: string, name: string): string {
  return `${domain === 'ai.onnx' ? '' : domain}\t${name}`
}

function checkedOpset(opsets: ReadonlyMap<string, number>): number {
  const opset = opsets.get('')
  const { oldest, newest } = onnxOpsets
  if (opset !== undefined && opset >= oldest && opset <= newest) return opset
  throw new FormatError(
    'Unsupported',
    'opset_import',
    `expected ai.onnx ${oldest} to ${newest}, got ${opset ?? 'none'}`,
  )
}

function tooMany(what: string, most: number): FormatError {
  return new FormatError('Unsupported', 'model', `expected at most ${most} ${what}, got more`)
}
