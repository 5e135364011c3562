// Bodies of the first generation of v1 clients (2022 to 2024), put into today's shape:
//
//   { projectId, settings: { inputs: [{ name, realityDataId }], outputs: ['...'], minPoints: '50', ... } }
//   { iTwinId, inputs: [{ type, id }], outputs: ['...'], options: { minPoints: '50', ... } }
import type { ErrorDetail } from '@alidade/contract'

export interface CurrentBody {
  body: Record<string, unknown>
  faults: ErrorDetail[]
  /** The name that the client gave to the property that a fault in `body` is about. */
  targetAsSent(target: string): string
}

/** Reads the body of a create or patch request; one that has nothing of the old shape comes back as it is. */
export function toCurrentBody(sent: Record<string, unknown>): CurrentBody {
  const { settings, projectId, ...body } = sent
  const renamed = projectId !== undefined && body.iTwinId === undefined
  if (renamed) body.iTwinId = projectId
  const faults: ErrorDetail[] = []
  const clashing = ['inputs', 'outputs', 'options'].filter((name) => name in body)
  const usesSettings = settings !== undefined && clashing.length === 0
  if (settings !== undefined && clashing.length > 0) {
    const message = `Expected either settings or ${clashing.join(', ')}, got both.`
    faults.push({ code: 'InvalidProperty', message, target: 'settings' })
  } else if (isObject(settings)) {
    Object.assign(body, fromSettings(settings))
  } else if (settings !== undefined) {
    faults.push({
      code: 'InvalidProperty',
      message: "Property 'settings' must be an object.",
      target: 'settings',
    })
  }
  return {
    body,
    faults,
    targetAsSent: (target) => {
      if (renamed && target === 'iTwinId') return 'projectId'
      return usesSettings ? targetInSettings(target) : target
    },
  }
}

function fromSettings({ inputs, outputs, ...options }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(inputs !== undefined && { inputs: Array.isArray(inputs) ? inputs.map(fromNamedInput) : inputs }),
    ...(outputs !== undefined && { outputs }),
    ...(Object.keys(options).length > 0 && { options }),
  }
}

function fromNamedInput(input: unknown): unknown {
  if (!isObject(input)) return input
  const { name, realityDataId, ...rest } = input
  return {
    ...(name !== undefined && { type: name }),
    ...(realityDataId !== undefined && { id: realityDataId }),
    ...rest,
  }
}

function targetInSettings(target: string): string {
  if (target.startsWith('options.')) return `settings.${target.slice('options.'.length)}`
  if (target.startsWith('outputs')) return `settings.${target}`
  if (!target.startsWith('inputs')) return target
  const [input, member] = target.split('.')
  const name = member === 'type' ? 'name' : member === 'id' ? 'realityDataId' : member
  return `settings.${input}${name === undefined ? '' : `.${name}`}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
