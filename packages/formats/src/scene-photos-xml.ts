// Annotations of photos in XML stand in elements of their own, each with the id of its photo inside. Which elements
// enclose these is nowhere published: they are found by their names, wherever they are, as the old clients do.
import { childNamed, noAttributes, type XmlElement } from './xml.ts'

/** The scene with `Objects2D` and `Segmentation2D` in its annotations, in the form that maps have in XML. */
export function gatherPhotoAnnotations(root: XmlElement): XmlElement {
  const [inPhotos, segmentations]: [XmlElement[], XmlElement[]] = [[], []]
  const rest = takeOut(takeOut(root, 'ObjectsInPhoto', inPhotos), 'PhotoSegmentation', segmentations)
  const gathered = [
    ...(inPhotos.length === 0 ? [] : objectsByPhoto(inPhotos)),
    ...(segmentations.length === 0
      ? []
      : [element('Segmentation2D', segmentations.map(segmentationOfPhoto))]),
  ]
  if (gathered.length === 0) return root
  const names = new Set(gathered.map(({ name }) => name))
  const before = childNamed(rest, 'Annotations') ?? element('Annotations', [])
  // What else an enclosing element held is kept, under a name that no element has.
  const kept = before.children.map((child) =>
    names.has(child.name) ? { ...child, name: `${child.name}#other` } : child,
  )
  const annotations = { ...before, children: [...kept, ...gathered] }
  return { ...rest, children: [...rest.children.filter((child) => child !== before), annotations] }
}

/** Photos may occur several times. Objects without an id are counted. */
function objectsByPhoto(inPhotos: XmlElement[]): XmlElement[] {
  const objectsOf = new Map<string, XmlElement[]>()
  const unknown: XmlElement[] = []
  for (const inPhoto of inPhotos) {
    const id = photoIdOf(inPhoto)
    const objects = objectsOf.get(id) ?? []
    objectsOf.set(id, objects)
    const before = objects.length
    const rest = takeOut(inPhoto, 'Object2D', objects)
    for (let i = before; i < objects.length; i++)
      if (!objects[i]!.attributes.has('id')) objects[i] = withId(objects[i]!, String(i))
    const others = rest.children.filter((child) => !isEmpty(child))
    if (others.length > 1 || rest.text !== '' || rest.attributes.size > 0)
      unknown.push({ ...rest, children: others })
  }
  const photos = [...objectsOf].map(([id, objects]) => withId(element('ObjectsInPhoto', objects), id))
  return [element('Objects2D', photos), ...unknown]
}

function segmentationOfPhoto(segmentation: XmlElement): XmlElement {
  const children = segmentation.children.filter(({ name }) => name !== 'PhotoId')
  return withId({ ...segmentation, children }, photoIdOf(segmentation))
}

function photoIdOf(parent: XmlElement): string {
  return childNamed(parent, 'PhotoId')?.text ?? ''
}

function withId(of: XmlElement, id: string): XmlElement {
  return { ...of, attributes: new Map([...of.attributes, ['id', id]]) }
}

function element(name: string, children: XmlElement[]): XmlElement {
  return { name, attributes: noAttributes, children, text: '' }
}

/** The element without those of this name below it, and without what held nothing but them; `found` gets them. */
function takeOut(from: XmlElement, name: string, found: XmlElement[]): XmlElement {
  if (from.children.length === 0) return from
  const children: XmlElement[] = []
  let same = true
  for (const child of from.children) {
    const rest = child.name === name ? void found.push(child) : takeOut(child, name, found)
    if (rest !== child) same = false
    const emptied = rest !== child && rest?.children.length === 0
    if (rest !== undefined && !(emptied && rest.text === '' && rest.attributes.size === 0))
      children.push(rest)
  }
  return same ? from : { ...from, children }
}

function isEmpty({ children, text, attributes }: XmlElement): boolean {
  return children.length === 0 && text === '' && attributes.size === 0
}
