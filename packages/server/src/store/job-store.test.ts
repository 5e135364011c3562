import { inject } from 'vitest'
import { describeJobStore } from './job-store-behaviour.ts'
import { openTestJobStore } from './job-store-fixture.ts'
import { describeJobTiles } from './job-tiles-behaviour.ts'

describeJobStore('PGlite', () => openTestJobStore())
describeJobStore('PostgreSQL', () => openTestJobStore({ postgresUrl: inject('postgresUrl') }))

describeJobTiles('PGlite', () => openTestJobStore())
describeJobTiles('PostgreSQL', () => openTestJobStore({ postgresUrl: inject('postgresUrl') }))
