// Which public methods a published package has, and which of them a test has called. The methods themselves stay as
// they are: a call is written down and passed on.
import { AsyncLocalStorage } from 'node:async_hooks'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

type Method = (...args: unknown[]) => unknown

/** `Class.method` of everything that the declarations of a package make public. */
export function publicMethods(packageName: string): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve(packageName))
  const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts'),
  )
  return declarations.flatMap((name) => methodsIn(readFileSync(join(folder, name), 'utf8'))).sort()
}

function methodsIn(declaration: string): string[] {
  const classes = declaration.matchAll(/^export declare class (\w+)[^{]*\{\n(.*?)^\}/gms)
  return [...classes].flatMap(([, className, body]) =>
    // Members begin in the fourth column; `private` ones have that word before their names.
    [...body!.matchAll(/^ {4}(\w+)(?:<[^>]*>)?\(/gm)]
      .map(([, method]) => method!)
      .filter((method) => method !== 'constructor')
      .map((method) => `${className}.${method}`),
  )
}

/** Writes down which of these methods are called from now on, but not where one of them calls another. */
export function watchCalls(methods: readonly string[], exported: object): Set<string> {
  const called = new Set<string>()
  const insideACall = new AsyncLocalStorage<true>()
  for (const name of methods) {
    const [className, method] = name.split('.') as [string, string]
    const { prototype } = Reflect.get(exported, className) as { prototype: Record<string, Method> }
    const original = prototype[method]
    if (original === undefined) throw new TypeError(`${name} is declared and does not exist`)
    prototype[method] = function watched(this: unknown, ...args: unknown[]) {
      if (insideACall.getStore()) return original.apply(this, args)
      called.add(name)
      return insideACall.run(true, () => original.apply(this, args))
    }
  }
  return called
}
