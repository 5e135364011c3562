// docs/webhooks.md says what the contract and the schedule say.
import { readFile } from 'node:fs/promises'
import { deliveryFaults, eventTypes, maxWebhooks, webhooksOperations } from '@alidade/contract'
import { beforeAll, expect, test } from 'vitest'

let page: string
beforeAll(async () => {
  page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
})

test('the page names every fault of a delivery, every event, every scope and the limit', () => {
  const named = [...page.matchAll(/^ *\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual(Object.keys(deliveryFaults).sort())
  for (const eventType of eventTypes) expect(page).toContain(eventType)
  for (const { scopes } of webhooksOperations) {
    for (const scope of scopes) expect(page).toContain(`\`${scope}\``)
  }
  expect(page).toContain(`at most ${maxWebhooks} webhooks`)
})
