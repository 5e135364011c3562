// The shapes of single values: texts, numbers, whole numbers, yes or no.
import { shownJson } from './json-shape.ts'
import { SceneFault } from './scene-fault.ts'
import type { Shape } from './scene-shape.ts'
import type { XmlElement } from './xml.ts'

export const text: Shape<string> = {
  json: (value) => {
    if (typeof value !== 'string') throw new SceneFault('a string', shownJson(value))
    return value
  },
  xml: textOf,
}

/** Finite. As XML has it: with a point or none, with an exponent or none. */
export const number: Shape<number> = {
  json: finite,
  xml: (element) => {
    const written = textOf(element)
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(written))
      throw new SceneFault('a number', shownJson(written))
    return finite(Number(written))
  },
}

export const wholeNumber: Shape<number> = {
  json: whole,
  xml: (element) => {
    const written = textOf(element)
    if (!/^[+-]?\d{1,16}$/.test(written)) throw new SceneFault('a whole number', shownJson(written))
    return whole(Number(written))
  },
}

export const flag: Shape<boolean> = {
  json: (value) => {
    if (typeof value !== 'boolean') throw new SceneFault('true or false', shownJson(value))
    return value
  },
  xml: (element) => {
    const written = textOf(element)
    if (!/^(?:true|false)$/i.test(written)) throw new SceneFault('true or false', shownJson(written))
    return written.toLowerCase() === 'true'
  },
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new SceneFault('a number', shownJson(value))
  return value
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new SceneFault('a whole number', shownJson(value))
  return value as number
}

function textOf({ text, children }: XmlElement): string {
  if (children.length > 0) throw new SceneFault('text alone', `<${children[0]!.name.slice(0, 60)}>`)
  return text
}
