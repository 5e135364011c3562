// Settings from flags, environment, .env file, config file and defaults, in this order, each with its origin.
import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { expectedInstead, megabytesOf, partsOf } from './setting-faults.ts'
import { environmentName, type Setting, type SettingKey, settings } from './settings.ts'

/** A setting that cannot be understood; the command ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export interface ResolvedSetting {
  value: string | undefined
  /** E.g. `--port`, `ALIDADE_PORT`, `.env`, `alidade.config.json`, `default`. */
  origin: string
}
export type Config = Record<SettingKey, ResolvedSetting>

export interface ConfigSources {
  /** Values by setting name, as given on the command line. */
  flags: Record<string, string | undefined>
  env: Record<string, string | undefined>
  /** Folder of `.env` and `alidade.config.json`. */
  cwd: string
  /** From `--config`; must exist when given. */
  configFile?: string | undefined
}

export async function readConfig({ flags, env, cwd, configFile }: ConfigSources): Promise<Config> {
  const dotEnv = parseEnv((await readOptional(resolve(cwd, '.env'))) ?? '')
  const fileName = configFile ?? 'alidade.config.json'
  const fileText = await readOptional(resolve(cwd, fileName))
  if (fileText === undefined && configFile !== undefined)
    throw new ConfigError(`There is no config file ${configFile}.`)
  const file = parseConfigFile(fileName, fileText)

  const config = {} as Config
  for (const [key, setting] of Object.entries<Setting>(settings)) {
    const names = [environmentName(setting), ...(setting.alsoEnv ?? [])]
    const candidates: ResolvedSetting[] = [
      { value: flags[setting.name], origin: `--${setting.name}` },
      ...names.map((name) => ({ value: env[name], origin: name })),
      ...names.map((name) => ({ value: dotEnv[name], origin: `.env ${name}` })),
      { value: file[setting.name], origin: fileName },
      { value: setting.default, origin: 'default' },
    ]
    const chosen = candidates.find(({ value }) => value !== undefined && value !== '') ?? {
      value: undefined,
      origin: 'default',
    }
    const expected = chosen.value === undefined ? undefined : expectedInstead(setting, chosen.value)
    if (expected !== undefined) {
      const came = setting.secret === true ? 'something else' : `'${chosen.value}'`
      throw new ConfigError(`${chosen.origin}: expected ${expected}, got ${came}.`)
    }
    config[key as SettingKey] = chosen
  }
  fillDerivedDefaults(config)
  return config
}

/** The defaults that depend on the machine or on another setting. */
function fillDerivedDefaults({ slots, threads, memory, memoryLimit, issuer, host }: Config): void {
  const jobsAtATime = numberOf(slots)!
  threads.value ??= String(Math.max(1, Math.floor(availableParallelism() / jobsAtATime)))
  memory.value ??= String(Math.floor((totalmem() * 0.75) / 1e6))
  memoryLimit.value ??= String(Math.max(64, Math.floor(numberOf(memory)! / jobsAtATime)))
  if (isLoopback(host.value!)) issuer.value ??= 'builtin'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** The number of a setting that is one, in its own unit; `undefined` when it is not set. */
export function numberOf({ value }: ResolvedSetting): number | undefined {
  return value === undefined ? undefined : megabytesOf(value)
}

/** Parts of a comma-joined setting. */
export function listOf({ value }: ResolvedSetting): string[] {
  return partsOf(value ?? '')
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ConfigError(`${path} cannot be read.`, { cause: error })
  }
}

function parseConfigFile(name: string, text: string | undefined): Record<string, string | undefined> {
  if (text === undefined) return {}
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`${name} is not valid JSON: ${(error as Error).message}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigError(`${name}: expected a JSON object.`)
  }
  const known = new Set(Object.values<Setting>(settings).map((setting) => setting.name))
  const values: Record<string, string> = {}
  for (const [key, value] of Object.entries(json)) {
    if (!known.has(key))
      throw new ConfigError(`${name}: unknown key '${key}'; known: ${[...known].join(', ')}.`)
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new ConfigError(`${name}: expected text, a number or true/false for '${key}'.`)
    }
    values[key] = String(value)
  }
  return values
}
