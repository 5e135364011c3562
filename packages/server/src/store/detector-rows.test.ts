import { inject } from 'vitest'
import { describeDetectorStore } from './detector-behaviour.ts'
import { openTestStore } from './test-store.ts'

describeDetectorStore('PGlite', () => openTestStore())
describeDetectorStore('PostgreSQL', () => openTestStore({ postgresUrl: inject('postgresUrl') }))
