// What the value of a setting must look like; said when it is read, so that `alidade config` says it too.
import { isIP } from 'node:net'
import { parse, resolve } from 'node:path'
import { isNeverNetwork } from '../webhooks/address-rules.ts'
import type { Setting } from './settings.ts'

/** What was expected, where `value` is not that; undefined where it is. */
export function expectedInstead(setting: Setting, value: string): string | undefined {
  if (setting.oneOf !== undefined && !setting.oneOf.includes(value)) {
    return `one of ${setting.oneOf.join(', ')}`
  }
  switch (setting.type) {
    case 'text':
      return undefined
    case 'folders':
      // The whole of a machine holds what nobody means to show: /etc, /proc, other services.
      return partsOf(value).every((folder) => resolve(folder) !== parse(resolve(folder)).root)
        ? undefined
        : 'folders, comma-joined, none of them the whole file system'
    case 'integer':
      if (!/^\d+$/.test(value)) return 'a whole number'
      return outside(setting, Number(value))
    case 'minutes':
      if (!/^\d+(\.\d+)?$/.test(value)) return 'minutes such as 10 or 0.5'
      return outside(setting, Number(value))
    case 'megabytes': {
      const megabytes = megabytesOf(value)
      if (megabytes === undefined) return 'a size in MB such as 4096, or 4GB'
      return outside(setting, megabytes)
    }
    case 'url-with-query':
      return isHttpUrl(value) ? undefined : 'an http or https URL'
    case 'url':
      return isPlainUrl(value) ? undefined : 'an http or https URL without query'
    case 'origins':
      return value === '*' || partsOf(value).every((origin) => URL.parse(origin)?.origin === origin)
        ? undefined
        : 'origins such as https://maps.example.org, comma-joined, or *'
    case 'issuers': {
      const issuers = partsOf(value)
      if (new Set(issuers).size < issuers.length) return 'each issuer once'
      return issuers.every((issuer) => issuer === 'builtin' || isPlainUrl(issuer))
        ? undefined
        : "'builtin' or http(s) URLs, comma-joined"
    }
    case 'connection-string':
      return isConnectionString(value)
        ? undefined
        : 'a connection string with DefaultEndpointsProtocol, AccountName and AccountKey, as the portal shows it'
    case 'proxies':
      return ['true', 'false'].includes(value) || partsOf(value).every(isProxy)
        ? undefined
        : 'true, false, or addresses and networks such as 10.0.0.0/8, comma-joined'
    case 'networks': {
      const networks = partsOf(value)
      if (!networks.every(isNetwork)) return 'addresses and networks such as 10.0.0.0/8, comma-joined'
      const never = networks.find(isNeverNetwork)
      return (
        never &&
        `networks other than ${never}: link-local, multicast and metadata addresses are never sent to`
      )
    }
  }
}

/** A size in MB from a text such as `4096`, `300M` or `4GB`. */
export function megabytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(MB|GB|M|G)?$/i.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (unit.toUpperCase().startsWith('G') ? 1000 : 1)
}

/** The parts of a comma-joined text. */
export function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function outside({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Setting, number: number) {
  if (number < minimum) return `at least ${minimum}`
  return number > maximum ? `at most ${maximum}` : undefined
}

/** `UseDevelopmentStorage=true` stands for an emulator on this machine. */
function isConnectionString(text: string): boolean {
  const names = text.split(';').map((part) => part.split('=')[0]!.trim())
  const needed = ['DefaultEndpointsProtocol', 'AccountName', 'AccountKey']
  return names.includes('UseDevelopmentStorage') || needed.every((name) => names.includes(name))
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}

function isPlainUrl(text: string): boolean {
  return isHttpUrl(text) && !/[?#]/.test(text)
}

function isProxy(text: string): boolean {
  return ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isNetwork(text)
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
