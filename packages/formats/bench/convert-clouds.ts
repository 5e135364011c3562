// Brings a generated cloud of each foreign format into LAS, one process a conversion: time, and memory at its peak; beside
// a plain copy of the file that is written. Usage: node packages/formats/bench/convert-clouds.ts [million points] [rounds]
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, openSync, rmSync, closeSync, writeSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32c } from '../src/crc32c.ts'
import { convertToLas, openFile } from '../src/index.ts'

const pointsPerPiece = 3000

function compare(): void {
  const [millions = '2', rounds = '3'] = process.argv.slice(2)
  const pieces = Math.ceil((Number(millions) * 1e6) / pointsPerPiece)
  const folder = mkdtempSync(join(tmpdir(), 'alidade-bench-'))
  const out = join(folder, 'out.las')
  try {
    const paths = Object.entries(generators).map(([name, generate]) => {
      const path = join(folder, name)
      const file = openSync(path, 'w')
      for (const bytes of generate(pieces)) writeSync(file, bytes)
      closeSync(file)
      return path
    })
    const runs = new Map<string, { seconds: number; cpuSeconds: number; megabytes: number }[]>()
    for (let round = 0; round < Number(rounds); round++) {
      for (const path of paths) {
        const text = execFileSync(process.execPath, [import.meta.filename, '--convert', path, out], {
          encoding: 'utf8',
        })
        runs.set(path, [...(runs.get(path) ?? []), JSON.parse(text)])
      }
    }
    const started = performance.now()
    copyFileSync(out, join(folder, 'copy'))
    const copying = (performance.now() - started) / 1000
    console.log(
      `${pieces * pointsPerPiece} points, ${rounds} rounds, medians; a copy of the LAS file takes ${copying.toFixed(2)} s`,
    )
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
    for (const path of paths) {
      const of = (key: 'seconds' | 'cpuSeconds' | 'megabytes') =>
        median(runs.get(path)!.map((run) => run[key]))
      const megabytes = Math.round(statSync(path).size / 1e6)
      const speed = (pieces * pointsPerPiece) / of('seconds') / 1e6
      console.log(
        `${path.slice(folder.length + 1)} (${megabytes} MB): ${of('seconds').toFixed(2)} s wall, ${of('cpuSeconds').toFixed(2)} s CPU, ` +
          `${speed.toFixed(2)} M points/s, ${of('megabytes')} MB`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function* places(pieces: number): Generator<[number, number, number][]> {
  for (let piece = 0; piece < pieces; piece++) {
    yield Array.from({ length: pointsPerPiece }, (_, i) => [
      i / 8,
      piece / 8,
      ((i * 7919 + piece * 104_729) % 4096) / 256,
    ])
  }
}

function* lines(pieces: number, start: string): Generator<Buffer> {
  for (const piece of places(pieces))
    yield Buffer.from(
      piece.map(([x, y, z]) => `${start}${x.toFixed(3)} ${y.toFixed(3)} ${z.toFixed(3)}\n`).join(''),
    )
}

const plyHeader = (pieces: number, format: string) =>
  Buffer.from(
    `ply\nformat ${format} 1.0\nelement vertex ${pieces * pointsPerPiece}\nproperty float x\nproperty float y\nproperty float z\nend_header\n`,
  )

const floats = (values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, 4 * i)
  return bytes
}

const generators: Readonly<Record<string, (pieces: number) => Generator<Uint8Array>>> = {
  'binary.ply': function* (pieces) {
    yield plyHeader(pieces, 'binary_little_endian')
    for (const piece of places(pieces)) yield floats(piece.flat())
  },
  'text.ply': function* (pieces) {
    yield plyHeader(pieces, 'ascii')
    yield* lines(pieces, '')
  },
  'cloud.xyz': (pieces) => lines(pieces, ''),
  'cloud.obj': (pieces) => lines(pieces, 'v '),
  'cloud.e57': (pieces) => e57Pages(pieces),
}

/** One scan of floats, a packet for each piece. */
function* e57Pages(pieces: number): Generator<Uint8Array> {
  const [pageBytes, payload] = [1024, 1020]
  const streamBytes = 4 * pointsPerPiece
  const packetBytes = 12 + 3 * streamBytes
  const sectionBytes = 32 + pieces * packetBytes
  const fields = ['X', 'Y', 'Z'].map((axis) => `<cartesian${axis} type="Float" precision="single"/>`).join('')
  const xml = Buffer.from(
    `<?xml version="1.0"?><e57Root><data3D><vectorChild><points type="CompressedVector" fileOffset="48" recordCount="${pieces * pointsPerPiece}"><prototype>${fields}</prototype></points></vectorChild></data3D></e57Root>`,
  )
  const physical = (logical: number) => Math.floor(logical / payload) * pageBytes + (logical % payload)
  const logicalBytes = 48 + sectionBytes + xml.length
  const head = Buffer.alloc(80)
  head.write('ASTM-E57', 'latin1')
  head.writeUInt32LE(1, 8)
  const numbers = [
    Math.ceil(logicalBytes / payload) * pageBytes,
    physical(48 + sectionBytes),
    xml.length,
    pageBytes,
  ]
  for (const [i, number] of numbers.entries()) head.writeBigUInt64LE(BigInt(number), 16 + 8 * i)
  head[48] = 1
  head.writeBigUInt64LE(BigInt(sectionBytes), 56)
  head.writeBigUInt64LE(80n, 64)
  let waiting = head
  function* fullPages(isLast: boolean): Generator<Uint8Array> {
    let at = 0
    for (; at + payload <= waiting.length || (isLast && at < waiting.length); at += payload) {
      const page = Buffer.alloc(pageBytes)
      waiting.copy(page, 0, at, Math.min(waiting.length, at + payload))
      page.writeUInt32BE(crc32c(page, 0, payload), payload)
      yield page
    }
    waiting = waiting.subarray(at)
  }
  for (const piece of places(pieces)) {
    const packet = Buffer.alloc(12)
    packet[0] = 1
    packet.writeUInt16LE(packetBytes - 1, 2)
    packet.writeUInt16LE(3, 4)
    for (let axis = 0; axis < 3; axis++) packet.writeUInt16LE(streamBytes, 6 + 2 * axis)
    const streams = [0, 1, 2].map((axis) => floats(piece.map((place) => place[axis]!)))
    waiting = Buffer.concat([waiting, packet, ...streams])
    yield* fullPages(false)
  }
  waiting = Buffer.concat([waiting, xml])
  yield* fullPages(true)
}

if (process.argv[2] === '--convert') {
  const [path, out] = process.argv.slice(3) as [string, string]
  const source = await openFile(path)
  const [started, cpu] = [performance.now(), process.cpuUsage()]
  await convertToLas(source, out, { name: path })
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, megabytes }))
} else compare()
