// The shapes of what is repeated in a scene: maps by id, and lists. In XML either is an element for each entry.
import { shownJson } from './json-shape.ts'
import { SceneFault } from './scene-fault.ts'
import { objectOf, type Shape } from './scene-shape.ts'
import { noAttributes, type XmlElement } from './xml.ts'

/** By whole numbers, written out: photos, labels, references and the like. None where a record lacks it. */
export function numbered<T>(entry: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return byId(entry, /^(?:0|[1-9]\d{0,14})$/, 'a whole number')
}

/** By GUIDs, mostly: annotations. None where a record lacks it. */
export function keyed<T>(entry: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return byId(entry, /^.{1,256}$/su, '1 to 256 characters')
}

/** Keys of JSON are taken as they are; the ids of XML elements, which have any name, have to be as `pattern` says. */
function byId<T>(entry: Shape<T>, pattern: RegExp, expected: string): Shape<ReadonlyMap<string, T>> {
  return { json, xml, absent: () => new Map() }

  function json(value: unknown): Map<string, T> {
    const members = objectOf(value)
    const entries = new Map<string, T>()
    let key = ''
    try {
      for (key of Object.keys(members)) entries.set(key, entry.json(members[key]))
    } catch (fault) {
      throw SceneFault.inside(key, fault)
    }
    return entries
  }

  function xml(element: XmlElement): Map<string, T> {
    const entries = new Map<string, T>()
    for (const [index, child] of entriesOf(element).entries()) {
      const id = child.attributes.get('id')?.trim()
      if (id === undefined || !pattern.test(id) || entries.has(id)) {
        const [wanted, got] = entries.has(id ?? '') ? ['an id of its own', 'again '] : [expected, '']
        const fault = new SceneFault(wanted, id === undefined ? 'none' : got + shownJson(id))
        throw SceneFault.inside(index, SceneFault.inside('@id', fault))
      }
      const read = () => entry.xml(withoutId(child))
      entries.set(id, SceneFault.within(`${child.name}[@id=${shownJson(id)}]`, read))
    }
    return entries
  }
}

function withoutId(element: XmlElement): XmlElement {
  if (element.attributes.size === 1) return { ...element, attributes: noAttributes }
  const attributes = new Map(element.attributes)
  attributes.delete('id')
  return { ...element, attributes }
}

export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    json: (value) => {
      if (!Array.isArray(value)) throw new SceneFault('an array', shownJson(value))
      let i = 0
      try {
        for (; i < value.length; i++) {
          const read = item.json(value[i])
          if (read !== value[i]) value[i] = read
        }
      } catch (fault) {
        throw SceneFault.inside(i, fault)
      }
      return value
    },
    xml: (element) => entriesOf(element).map((child, i) => SceneFault.within(i, () => item.xml(child))),
  }
}

function entriesOf({ children, text }: XmlElement): readonly XmlElement[] {
  if (text !== '') throw new SceneFault('elements', shownJson(text))
  return children
}
