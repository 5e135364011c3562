// Our own store against Azurite: the same requests to both, and the same answers, except where the table says why not.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DialectStep, dialectSteps } from './dialect-requests.ts'
import { type SeenAnswer, seenAnswer } from './seen-answer.ts'
import { type Server, startTwoServers, type TwoServers } from './two-servers.ts'

let servers: TwoServers
/** What each server said that later requests repeat to it, by `etag:first` and the like. */
const said = { ours: new Map<string, string>(), azurite: new Map<string, string>() }
beforeAll(async () => {
  servers = await startTwoServers()
})
afterAll(() => servers.stop())

async function ask(server: Server, step: DialectStep, memory: Map<string, string>): Promise<SeenAnswer> {
  const told = (text: string) => text.replace(/\{([a-z:]+)\}/g, (_, name: string) => memory.get(name)!)
  const headers = Object.entries(step.headers ?? {}).map(([name, value]) => [name, told(value)])
  const answer = await server.ask({
    ...step,
    headers: Object.fromEntries(headers),
    ...(step.query !== undefined && { query: told(step.query) }),
  })
  if (step.remember !== undefined) {
    memory.set(`etag:${step.remember}`, answer.headers.etag!)
    memory.set(`time:${step.remember}`, answer.headers['last-modified']!)
  }
  if (step.rememberMarker) {
    const [, marker = ''] = /<NextMarker>([^<]+)</.exec(answer.body.toString()) ?? []
    memory.set('marker', encodeURIComponent(marker))
  }
  return seenAnswer(answer)
}

/** Azure makes one for every Put Blob; ours keeps those that clients give, and those are compared. */
const md5s = ['content-md5', 'x-ms-blob-content-md5']

describe('our own store answers as Azurite does', () => {
  test.each(dialectSteps)('$title', async (step) => {
    const ours = await ask(servers.ours, step, said.ours)
    const azurite = await ask(servers.azurite, step, said.azurite)
    const aspects = new Set([...Object.keys(ours), ...Object.keys(azurite)])
    for (const each of step.ownMd5 === true ? [] : md5s) aspects.delete(each)
    const differing = [...aspects].filter((aspect) => ours[aspect] !== azurite[aspect])
    const shown = differing.map((each) => `${each}: ${differingLines(ours[each], azurite[each])}`).join('\n')
    expect(differing.sort(), shown).toEqual([...(step.differs?.aspects ?? [])].sort())
  })

  test('at least 80 requests are asked', () => {
    expect(dialectSteps.length).toBeGreaterThanOrEqual(80)
  })
})

/** What only one of them has. */
function differingLines(ours = '', azurite = ''): string {
  const [mine, theirs] = [ours.split('\n'), azurite.split('\n')]
  const onlyMine = mine.filter((line) => !theirs.includes(line))
  const onlyTheirs = theirs.filter((line) => !mine.includes(line))
  return `ours "${onlyMine.join(' ')}", Azurite "${onlyTheirs.join(' ')}"`
}
