// A fresh store for a test, in under a second. Of embedded ones the first on a machine prepares a template, named after
// everything that shapes it, and every later one starts from a copy.
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { access, appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { quickFolder } from '../quick-folder.fixture.ts'
import { openStore, type Store } from './open-store.ts'
import { createDatabase, dropDatabase } from './start-postgres.fixture.ts'

export interface TestStore extends Store {
  dataDir: string
  /** Closes and opens again on the same folder, as a restart would. */
  reopen(): Promise<TestStore>
  /** Closes and removes the folder. */
  remove(): Promise<void>
}

export interface TestStoreOptions {
  now?: () => Date
  newId?: () => string
  maxLosses?: number
  /** A running PostgreSQL; the store gets a database of its own on it. Default: the embedded database. */
  postgresUrl?: string
}

export async function openTestStore({ postgresUrl, ...options }: TestStoreOptions = {}): Promise<TestStore> {
  const dataDir = await mkdtemp(join(await quickFolder(), 'alidade-test-'))
  if (postgresUrl !== undefined) {
    return open(dataDir, { ...options, databaseUrl: await createDatabase(postgresUrl, basename(dataDir)) })
  }
  await copyTemplate(join(dataDir, 'database'))
  return open(dataDir, options)
}

async function open(
  dataDir: string,
  options: Omit<TestStoreOptions, 'postgresUrl'> & { databaseUrl?: string },
): Promise<TestStore> {
  const store = await openStore({
    now: () => new Date(),
    newId: randomUUID,
    onError: (error) => console.error(error),
    ...options,
    dataDir,
  })
  return {
    ...store,
    dataDir,
    reopen: async () => {
      await store.close()
      return open(dataDir, options)
    },
    remove: async () => {
      await store.close()
      if (options.databaseUrl !== undefined) await dropDatabase(options.databaseUrl)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** To lay out the 128 MB that are the default is a third of what it takes to open one. The log is buffered as with these. */
const buffers = "shared_buffers = '8MB'\nwal_buffers = '4MB'\n"

/** Two thirds of all files are of databases that nobody connects to. */
const dropUnused = [
  'update pg_database set datistemplate = false',
  ...['template0', 'template1'].map((name) => `drop database ${name}`),
]

const tar = (...args: string[]) => promisify(execFile)('tar', args)

/** Makes a folder with a prepared database in it; other commands may start from one too. */
export async function copyTemplate(path: string): Promise<void> {
  const template = await preparedTemplate()
  await mkdir(path, { recursive: true })
  await tar('-xf', template, '-C', path)
}

/** An archive: a thousand files cost a third of what it takes to copy each. */
async function preparedTemplate(): Promise<string> {
  const migrations = new URL('./migrations/', import.meta.url)
  const hash = createHash('sha256').update(process.version).update(buffers).update(dropUnused.join())
  for (const name of (await readdir(migrations)).sort())
    hash.update(await readFile(new URL(name, migrations)))
  const pglite = new URL(import.meta.resolve('@electric-sql/pglite'))
  hash.update(await readFile(new URL('../package.json', pglite)))
  const template = join(tmpdir(), `alidade-template-${hash.digest('hex').slice(0, 16)}.tar`)
  const isThere = await access(template).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    await mkdir(tmpdir(), { recursive: true })
    const work = await mkdtemp(join(tmpdir(), 'alidade-template-'))
    const store = await openStore({
      dataDir: work,
      now: () => new Date(),
      newId: randomUUID,
      onError: (error) => console.error(error),
    })
    for (const statement of dropUnused) await store.database.query(statement)
    await store.close()
    await appendFile(join(work, 'database', 'postgresql.conf'), buffers)
    await tar('-cf', join(work, 'database.tar'), '-C', join(work, 'database'), '.')
    // Several processes may prepare it at once: each puts a whole one there.
    await rename(join(work, 'database.tar'), template)
    await rm(work, { recursive: true, force: true })
  }
  return template
}
