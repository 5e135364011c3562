// Which addresses webhooks are sent to: public ones, and those in networks that the operator allows; some never.
//
// What is public is listed, not what is private: of IPv6 only the part that is given out as global unicast.
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Neither an operator nor anybody else can mean these: they are this host, its link, everybody, or the cloud it runs in. */
const never = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata services that are not on the link: Alibaba, Oracle, Azure; Amazon and Google by IPv6.
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '::/128',
  'fe80::/10',
  'ff00::/8',
])

/** IANA's registry of IPv4 addresses for special purposes. */
const notPublicV4 = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
])
const globalUnicast = blockList(['2000::/3'])
/** Within it: protocols and tunnels (Teredo), documentation, 6to4. */
const notPublicV6 = blockList(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

export interface AddressRules {
  /** Whether anything may be sent to the address. */
  reaches(address: string): boolean
  /** Whether the operator allows it by name, so that `http` will do. */
  allowed(address: string): boolean
}

/** `networks`: what the operator allows, e.g. `10.1.0.0/16`, `192.168.1.7`, `fd12::/64`. */
export function addressRules(networks: readonly string[]): AddressRules {
  const listed = blockList(networks)
  const allowed = (address: string) => contains(listed, address) && !isNever(address)
  return { allowed, reaches: (address) => allowed(address) || isPublic(address) }
}

/** Whether a network, as the operator writes it, begins at an address that is never sent to. */
export function isNeverNetwork(network: string): boolean {
  return isNever(network.split('/')[0]!)
}

function isPublic(address: string): boolean {
  if (isNever(address)) return false
  if (isIPv4(address)) return !contains(notPublicV4, address)
  return contains(globalUnicast, address) && !contains(notPublicV6, address)
}

function isNever(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return true
  if (contains(never, address)) return true
  const inner = isIPv4(address) ? undefined : innerIPv4(address)
  return inner !== undefined && contains(never, inner)
}

/** The IPv4 address within one that is IPv4-mapped, IPv4-compatible, of NAT64 or of 6to4. */
function innerIPv4(address: string): string | undefined {
  const groups = ipv6Groups(address)
  const [first, second] = groups
  const zeros = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  const dotted = (high: number, low: number) =>
    [high >> 8, high & 0xff, low >> 8, low & 0xff].map(String).join('.')
  if (first === 0x2002) return dotted(second!, groups[2]!)
  const nat64 = first === 0x64 && second === 0xff9b
  const mapped = zeros(0, 5) && (groups[5] === 0xffff || groups[5] === 0)
  const translated = zeros(0, 4) && groups[4] === 0xffff && groups[5] === 0
  // ::1 is itself, not 0.0.0.1.
  if (mapped && groups[5] === 0 && groups[6] === 0) return undefined
  return nat64 || mapped || translated ? dotted(groups[6]!, groups[7]!) : undefined
}

function ipv6Groups(address: string): number[] {
  // The URL parser writes what is dotted in hexadecimal.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)))
  const [before, after] = [numbers(head), numbers(tail ?? '')]
  return tail === undefined
    ? before
    : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return list
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
