import { inject } from 'vitest'
import { describeRealityDataStore } from './reality-data-behaviour.ts'
import { openTestStore } from './test-store.ts'

describeRealityDataStore('PGlite', () => openTestStore())
describeRealityDataStore('PostgreSQL', () => openTestStore({ postgresUrl: inject('postgresUrl') }))
