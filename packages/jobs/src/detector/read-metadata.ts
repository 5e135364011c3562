// `metadata.xml` and `labels.xml`, which detectors of the published service carry.
import { type DetectorTask, detectorTasks } from '@alidade/contract/jobs'
import { childNamed, FormatError, readXml, type XmlElement } from '@alidade/formats'
import type { DetectorInput, DetectorLabel, DetectorManifestFacts } from './detector.ts'

const limits = { deepest: 16, mostElements: 100_000 } as const
const [mostLabels, largestId, largestSide] = [10_000, 65_535, 16_384]

export function readMetadata(metadataBytes: Uint8Array, labelsBytes: Uint8Array): DetectorManifestFacts {
  const metadata = rootNamed(readXml(metadataBytes, 'metadata.xml', limits), 'Metadata', 'metadata.xml')
  const labels = rootNamed(readXml(labelsBytes, 'labels.xml', limits), 'Labels', 'labels.xml')
  return { task: taskOf(metadata), labels: labelsOf(labels), input: inputOf(metadata) }
}

function rootNamed(root: XmlElement, name: string, file: string): XmlElement {
  if (root.name === name) return root
  throw new FormatError('Invalid', file, `expected <${name}>, got <${root.name}>`)
}

function taskOf(metadata: XmlElement): DetectorTask {
  const text = childNamed(metadata, 'TaskType')?.text
  const task = detectorTasks.find((one) => one === text)
  if (task !== undefined) return task
  throw new FormatError(
    'Invalid',
    'metadata.xml: TaskType',
    `expected one of ${detectorTasks.join(', ')}, got ${text ?? 'nothing'}`,
  )
}

function inputOf(metadata: XmlElement): DetectorInput {
  const parameters = childNamed(metadata, 'Parameters2D')
  if (parameters === undefined) return {}
  const side = (name: string) =>
    wholeNumber(childNamed(parameters, name)?.text, `metadata.xml: Parameters2D.${name}`, 1, largestSide)
  return { width: side('Width'), height: side('Height') }
}

function labelsOf(root: XmlElement): DetectorLabel[] {
  const elements = root.children.filter(({ name }) => name === 'Label')
  if (elements.length === 0 || elements.length > mostLabels) {
    throw new FormatError(
      'Invalid',
      'labels.xml',
      `expected 1 to ${mostLabels} labels, got ${elements.length}`,
    )
  }
  const ids = new Set<number>()
  return elements.map((element, i) => {
    const place = `labels.xml: Label ${i + 1}`
    const id = wholeNumber(element.attributes.get('id'), `${place}, id`, 0, largestId)
    if (ids.size === ids.add(id).size)
      throw new FormatError('Invalid', `${place}, id`, `expected an id of its own, got ${id} again`)
    const name = childNamed(element, 'Name')?.text ?? ''
    if (name === '' || name.length > 256) {
      throw new FormatError('Invalid', `${place}, Name`, `expected 1 to 256 characters, got ${name.length}`)
    }
    return { id, name, ...feeds(element, place) }
  })
}

function feeds(label: XmlElement, place: string): Omit<DetectorLabel, 'id' | 'name'> {
  const said = { Line: 'line', Contour: 'contour', Object: 'object' } as const
  const flags: Omit<DetectorLabel, 'id' | 'name'> = {}
  for (const [tag, member] of Object.entries(said)) {
    const text = childNamed(label, tag)?.text.toLowerCase()
    if (text === undefined) continue
    if (text !== 'true' && text !== 'false') {
      throw new FormatError('Invalid', `${place}, ${tag}`, `expected true or false, got ${text.slice(0, 20)}`)
    }
    flags[member] = text === 'true'
  }
  return flags
}

function wholeNumber(text: string | undefined, place: string, least: number, most: number): number {
  const number = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new FormatError(
    'Invalid',
    place,
    `expected a whole number from ${least} to ${most}, got ${text?.slice(0, 20) ?? 'nothing'}`,
  )
}
