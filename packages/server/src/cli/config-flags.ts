// The settings as command-line flags.
import { parseArgs } from 'node:util'
import { type Config, readConfig } from '../config/read-config.ts'
import { environmentName, type Setting, settings } from '../config/settings.ts'
import type { Io } from './main.ts'

export interface ParsedConfig {
  config: Config
  help: boolean
}

/** Reads the settings from `args` and everything else that can set them. */
export async function parseConfigFlags(args: string[], io: Io): Promise<ParsedConfig> {
  const all = Object.values<Setting>(settings)
  const { values } = parseArgs({
    args: withBareSwitches(args),
    options: {
      ...Object.fromEntries(
        all.map(({ name, repeatable = false }) => [name, { type: 'string', multiple: repeatable } as const]),
      ),
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return { config: {} as Config, help: true }
  const given = values as Record<string, string | string[] | undefined>
  const flags = Object.fromEntries(
    all.map(({ name }) => [name, Array.isArray(given[name]) ? given[name].join(',') : given[name]]),
  )
  const config = await readConfig({ flags, env: io.env, cwd: io.cwd, configFile: values.config })
  return { config, help: false }
}

/** `--trust-proxy` alone means `--trust-proxy=true`. */
function withBareSwitches(args: string[]): string[] {
  return args.map((arg, i) => {
    const bare = arg === '--trust-proxy' && (args[i + 1] ?? '--').startsWith('-')
    return bare ? '--trust-proxy=true' : arg
  })
}

/** Help on every setting: flag, what it does, default, environment variable. */
export function settingsHelp(): string {
  return [...Object.values<Setting>(settings)]
    .map((setting) => {
      const flag = `--${setting.name} ${setting.placeholder ?? 'VALUE'}`
      const byDefault = setting.default === undefined ? '' : ` Default ${setting.default}.`
      return `  ${flag}\n      ${setting.help}${byDefault} [${environmentName(setting)}]`
    })
    .join('\n')
}
