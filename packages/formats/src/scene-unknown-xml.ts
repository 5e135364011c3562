// Elements that the model does not name, in a form that JSON can keep: nothing of a scene is lost when it is written.
import type { XmlElement } from './xml.ts'

/**
 * An element with nothing but text is that text. Any other is an object: its attributes as `@name`, its children by
 * their names, a list where there are several of a name, and its text as `#text`.
 */
function unknownElement(element: XmlElement): unknown {
  if (element.attributes.size === 0 && element.children.length === 0) return element.text
  return Object.fromEntries(membersOfUnknown(element))
}

export function membersOfUnknown(element: XmlElement): Map<string, unknown> {
  const members = new Map<string, unknown>()
  for (const [name, text] of element.attributes) if (!isNamespace(name)) members.set(`@${name}`, text)
  if (element.text !== '') members.set('#text', element.text)
  const several = new Map<string, unknown[]>()
  for (const child of element.children) {
    const before = several.get(child.name)
    if (before === undefined) several.set(child.name, [unknownElement(child)])
    else before.push(unknownElement(child))
  }
  for (const [name, values] of several) members.set(name, values.length === 1 ? values[0] : values)
  return members
}

/** Of XML itself, not of the scene. */
function isNamespace(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:')
}
