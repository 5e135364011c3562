// Names that try to be paths, in every spelling known: over 2,000.

/** As they stand in a request line; `parent` is a folder outside of the root in which there is a file `canary`. */
export function hostileNames(parent: string): string[] {
  const dots = [
    '..',
    '%2e%2e',
    '%2E.',
    '.%2e',
    '%252e%252e',
    '%25252e%25252e',
    '%c0%ae%c0%ae',
    '%e0%80%ae%e0%80%ae',
    '%f0%80%80%ae.',
    '%u002e%u002e',
    '%ef%bc%8e%ef%bc%8e',
    '%e2%80%a5',
    '..%00',
    '%00..',
    '..%20',
    '...',
    '..;',
    '..%0d%0a',
  ]
  const slashes = [
    '/',
    '%2f',
    '%2F',
    '%5c',
    '\\',
    '%255c',
    '%252f',
    '%c0%af',
    '%c1%9c',
    '%ef%bc%8f',
    '//',
    '/./',
  ]
  const starts = ['', 'folder/', 'a%2f', '%2e/', '%c3%a9%00', './.']
  const climbing = dots.flatMap((dot) =>
    slashes.flatMap((slash) =>
      starts.flatMap((start) => [1, 3].map((times) => `${start}${`${dot}${slash}`.repeat(times)}canary`)),
    ),
  )
  const inside = dots.map((dot) => `folder/${dot}/${dot}/${dot}/${dot}/canary`)
  const absolute = ['/', '//', '%2f', '%5c', '%5c%5c', '\\\\'].flatMap((slash) => [
    `${slash}etc${slash}passwd`,
    `${slash}${parent.slice(1)}/canary`,
    `${slash}dev${slash}stdin`,
  ])
  const drives = [
    'C:',
    'c%3a',
    'C:%5c',
    'Z:/',
    '%5c%5c?%5cC:%5c',
    '%5c%5cserver%5cshare%5c',
    'file:%2f%2f%2f',
  ].map((drive) => `${drive}canary`)
  const reserved = [
    'CON',
    'nul',
    'AUX.las',
    'COM1',
    'lpt1.txt',
    'x::$DATA',
    'x:stream',
    '$MFT',
    '~',
    '~root/x',
    '.',
  ]
  const internal = [
    'blobs',
    'data',
    'x.part',
    '../trash/x',
    '__proto__',
    'constructor',
    '*',
    '%3f',
    'x.json',
    '.git',
  ]
  const controls = Array.from({ length: 32 }, (_, i) => `a%${i.toString(16).padStart(2, '0')}b`)
  const long = [255, 256, 1024, 1025, 4096, 8000].flatMap((n) => [
    'a'.repeat(n),
    '%c3%a9'.repeat(n / 6),
    '../'.repeat(n / 3),
  ])
  const broken = ['%', '%2', '%zz', '%ff', '%ed%a0%80', '%f5%80%80%80', '\u00ff', '%fe%ff']
  return [
    ...climbing,
    ...inside,
    ...absolute,
    ...drives,
    ...reserved,
    ...internal,
    ...controls,
    ...long,
    ...broken,
  ]
}
