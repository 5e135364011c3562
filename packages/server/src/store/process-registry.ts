// Which processes share the database: agents learn where the API is, and how large a job any of them can take.
import type { Database } from './database.ts'

export type ServiceProcess =
  | { name: string; role: 'api'; url: string }
  | { name: string; role: 'agent'; memoryLimitMegabytes: number }

export interface Presence {
  /** Takes the process off the list. */
  leave(): Promise<void>
}

/** How often a process is heard of, and for how long it counts as alive afterwards. */
const announceMs = 10_000
const aliveSeconds = 30

/** Announces the process at once and every ten seconds, until it leaves. */
export async function announce(
  database: Database,
  self: ServiceProcess,
  onError: (error: unknown) => void,
): Promise<Presence> {
  const say = () =>
    database.query(
      `insert into service_process (name, role, url, memory_limit_megabytes, seen_at)
       values ($1, $2, $3, $4, clock_timestamp())
       on conflict (name) do update set (role, url, memory_limit_megabytes, seen_at)
         = (excluded.role, excluded.url, excluded.memory_limit_megabytes, excluded.seen_at)`,
      [
        self.name,
        self.role,
        self.role === 'api' ? self.url : null,
        self.role === 'agent' ? Math.floor(self.memoryLimitMegabytes) : null,
      ],
    )
  await say()
  const timer = setInterval(() => void say().catch(onError), announceMs)
  return {
    leave: async () => {
      clearInterval(timer)
      await database.query('delete from service_process where name = $1', [self.name])
    },
  }
}

/** Where API processes that live are reached, the one heard of last first. */
export async function apiUrls(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ url: string }>(
    `select url from service_process
     where role = 'api' and seen_at > clock_timestamp() - make_interval(secs => ${aliveSeconds})
     order by seen_at desc, name`,
  )
  return rows.map(({ url }) => url)
}
