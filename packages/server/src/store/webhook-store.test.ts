import { inject } from 'vitest'
import { openTestStore } from './test-store.ts'
import { describeWebhookStore } from './webhook-store-behaviour.ts'

describeWebhookStore('PGlite', (now) => openTestStore({ now }))
describeWebhookStore('PostgreSQL', (now) => openTestStore({ now, postgresUrl: inject('postgresUrl') }))
