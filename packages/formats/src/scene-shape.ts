// What a part of a scene looks like, said once: the check of parsed JSON, the reading of XML and the type come from it.
import { shownJson } from './json-shape.ts'
import { SceneFault } from './scene-fault.ts'
import { membersOfUnknown } from './scene-unknown-xml.ts'
import type { XmlElement } from './xml.ts'

/** Either way of reading throws SceneFault, with the way to the place from here on, for what has another shape. */
export interface Shape<T> {
  /** Takes over a value of `JSON.parse`: it is checked and changed in place, not copied. */
  readonly json: (value: unknown) => T
  readonly xml: (element: XmlElement) => T
  /** What a record has where this member is absent or null. Without it, such a record is refused. */
  readonly absent?: () => T | undefined
  /** Whether unknown attributes of an element find room in the value; those of others stand beside it. */
  readonly isRecord?: true
}
export interface OptionalShape<T> extends Shape<T> {
  readonly optional: true
}
export type ShapeValue<S> = S extends Shape<infer T> ? T : never

export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { ...shape, absent: () => undefined, optional: true }
}

type Shapes = Readonly<Record<string, Shape<unknown>>>
type OptionalKey<S> = { [K in keyof S]: S[K] extends OptionalShape<unknown> ? K : never }[keyof S]
type Flat<T> = { [K in keyof T]: T[K] }
export type RecordOf<S> = Flat<
  { readonly [K in Exclude<keyof S, OptionalKey<S>>]: ShapeValue<S[K]> } & {
    readonly [K in OptionalKey<S>]?: ShapeValue<S[K]>
  }
>

/**
 * An object with these members. Others stay in it, where they were and as they came, although the type does not name
 * them: whoever writes the object writes them too.
 */
export function record<S extends Shapes>(shapes: S): Shape<RecordOf<S>> {
  const names = Object.keys(shapes)
  const shapeOf = new Map(Object.entries(shapes))
  return { json, xml, isRecord: true }

  function json(value: unknown): RecordOf<S> {
    const members = objectOf(value)
    let name = ''
    try {
      for (name of names) readMember(members, name, shapes[name]!)
    } catch (fault) {
      throw SceneFault.inside(name, fault)
    }
    return members as RecordOf<S>
  }

  function xml(element: XmlElement): RecordOf<S> {
    const unknown = element.children.filter(({ name }) => !shapeOf.has(name))
    const members = membersOfUnknown({ ...element, children: unknown })
    for (const child of element.children) {
      const shape = shapeOf.get(child.name)
      if (shape !== undefined) addMember(members, child, shape)
    }
    for (const [name, { absent }] of shapeOf) {
      if (members.has(name)) continue
      if (absent === undefined) throw SceneFault.inside(name, new SceneFault('an element', 'none'))
      const instead = absent()
      if (instead !== undefined) members.set(name, instead)
    }
    // Defines own keys: `__proto__` is one like any other.
    return Object.fromEntries(members) as RecordOf<S>
  }
}

function readMember(members: Record<string, unknown>, name: string, shape: Shape<unknown>): void {
  const member = members[name]
  if (shape.absent === undefined || (member !== undefined && member !== null)) {
    const read = shape.json(member)
    if (read !== member) members[name] = read
    return
  }
  const instead = shape.absent()
  if (instead !== undefined) members[name] = instead
  else if (member === null) Reflect.deleteProperty(members, name)
}

function addMember(members: Map<string, unknown>, element: XmlElement, shape: Shape<unknown>): void {
  const { name, attributes } = element
  SceneFault.within(name, () => {
    if (members.has(name)) throw new SceneFault('one such element', 'another')
    members.set(name, shape.xml(element))
  })
  if (shape.isRecord === undefined)
    for (const [attribute, text] of attributes) members.set(`${name}@${attribute}`, text)
}

export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SceneFault('an object', shownJson(value))
  return value as Record<string, unknown>
}

/** The shape with something more to hold: `check` throws a SceneFault. */
export function checked<T>(shape: Shape<T>, check: (value: T) => void): Shape<T> {
  const pass = (value: T) => {
    check(value)
    return value
  }
  return { ...shape, json: (value) => pass(shape.json(value)), xml: (element) => pass(shape.xml(element)) }
}
