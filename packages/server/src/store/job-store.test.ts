import { inject } from 'vitest'
import { describeJobStore } from './job-store-behaviour.ts'
import { openTestJobStore } from './job-store-fixture.ts'

describeJobStore('PGlite', () => openTestJobStore())
describeJobStore('PostgreSQL', () => openTestJobStore({ postgresUrl: inject('postgresUrl') }))
