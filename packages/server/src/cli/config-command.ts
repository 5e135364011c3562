// `alidade config`: what is in force, and where each value came from.
import { type Setting, type SettingKey, settings } from '../config/settings.ts'
import { parseConfigFlags, settingsHelp } from './config-flags.ts'
import type { Io } from './main.ts'

export async function configCommand(args: string[], io: Io): Promise<number> {
  const { config, help } = await parseConfigFlags(args, io)
  if (help) {
    io.stdout.write(
      `Usage: alidade config [settings]\n\nPrints every setting in force and its origin.\n\n${settingsHelp()}\n`,
    )
    return 0
  }
  const rows = (Object.entries(settings) as [SettingKey, Setting][]).map(([key, setting]) => {
    const { value, origin } = config[key]
    const inWords = `(${setting.whenUnset ?? 'not set'})`
    const shown = value === undefined ? inWords : setting.secret === true ? '(set, not shown)' : value
    return [setting.name, shown, origin] as const
  })
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length))
  for (const [name, value, origin] of rows) {
    io.stdout.write(`${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${origin}\n`)
  }
  return 0
}
