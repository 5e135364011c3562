// What is made of which class: what the labels say, or where none says anything, what the codes of ASPRS mean.
import { groundClass, restClass, segmentClass } from '@alidade/analysis'

export interface VectorClass {
  name: string
  object: boolean
  contour: boolean
  line: boolean
}
/** By class code. */
export type VectorClasses = ReadonlyMap<number, VectorClass>

export interface LabelOfClass {
  code: number
  name: string
  object?: boolean | undefined
  contour?: boolean | undefined
  line?: boolean | undefined
}

/** Of LAS 1.4 R15, table 17, beside those that als-basic gives. */
const lowVegetation = 3
const [guardWire, connector] = [13, 16]
/** Of which nothing is made: never classified, unclassified, ground, and noise below and above. */
const nothing: readonly number[] = [0, restClass, groundClass, 7, 18]

/** Their points are one canopy, whose crowns are the objects. */
export const vegetation: readonly number[] = [
  lowVegetation,
  segmentClass.mediumVegetation,
  segmentClass.highVegetation,
]
const lines: readonly number[] = [segmentClass.wire, guardWire, connector]
const objectsOnly: readonly number[] = [...vegetation, segmentClass.pole]
const names: readonly (readonly [code: number, name: string])[] = [
  [lowVegetation, 'low vegetation'],
  [segmentClass.mediumVegetation, 'medium vegetation'],
  [segmentClass.highVegetation, 'high vegetation'],
  [segmentClass.building, 'building'],
  [guardWire, 'wire guard'],
  [segmentClass.wire, 'wire'],
  [segmentClass.pole, 'pole'],
  [connector, 'wire connector'],
]

export function vectorClasses(labels: readonly LabelOfClass[]): VectorClasses {
  const known: readonly LabelOfClass[] =
    labels.length > 0 ? labels : names.map(([code, name]) => ({ code, name }))
  const isSaid = labels.some(({ object, contour, line }) =>
    [object, contour, line].some((one) => one !== undefined),
  )
  const classes = new Map<number, VectorClass>()
  for (const label of known) {
    const { code, name } = label
    const { object = false, contour = false, line = false } = isSaid ? label : meaningOf(code)
    const before = classes.get(code)
    classes.set(code, {
      name: before === undefined ? name : `${before.name}, ${name}`,
      object: object || before?.object === true,
      contour: contour || before?.contour === true,
      line: line || before?.line === true,
    })
  }
  return classes
}

function meaningOf(code: number): Pick<VectorClass, 'object' | 'contour' | 'line'> {
  if (nothing.includes(code)) return { object: false, contour: false, line: false }
  if (lines.includes(code)) return { object: false, contour: false, line: true }
  return { object: true, contour: !objectsOnly.includes(code), line: false }
}

/** Names of the outputs, and what they ask of a class. */
export const feeds = { objects3D: 'object', lines3D: 'line', polygons3D: 'contour' } as const
export type VectorOutput = keyof typeof feeds

export function askedVectors(outputs: readonly string[]): VectorOutput[] {
  return (Object.keys(feeds) as VectorOutput[]).filter((output) => outputs.includes(output))
}

/** Codes of the classes that go into any of the outputs. */
export function codesFor(classes: VectorClasses, outputs: readonly VectorOutput[]): number[] {
  return [...classes].flatMap(([code, of]) => (outputs.some((output) => of[feeds[output]]) ? [code] : []))
}

/** What is made of the samples of a class. */
export interface Makings {
  /** Of all samples of the place, of which there are few. */
  poles: boolean
  lines: boolean
  /** Of what is near: boxes around areas, their outlines, and crowns of trees. */
  boxes: boolean
  outlines: boolean
  crowns: boolean
}

/** By the codes of classes of which anything is made. */
export function makingsOf(classes: VectorClasses, outputs: readonly VectorOutput[]): Map<number, Makings> {
  const made = codesFor(classes, outputs).map((code): [number, Makings] => {
    const { object, contour, line } = classes.get(code)!
    const isObject = object && outputs.includes('objects3D')
    const [isPole, isTree] = [code === segmentClass.pole, vegetation.includes(code)]
    return [
      code,
      {
        ...{ poles: isObject && isPole, crowns: isObject && isTree, boxes: isObject && !isPole && !isTree },
        lines: line && outputs.includes('lines3D'),
        outlines: contour && outputs.includes('polygons3D'),
      },
    ]
  })
  return new Map(made)
}

export function isOfWhole({ poles, lines }: Makings): boolean {
  return poles || lines
}

export function isOfNear({ boxes, outlines, crowns }: Makings): boolean {
  return boxes || outlines || crowns
}
