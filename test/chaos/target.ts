// What chaos is made in: the whole service in one process, or a cluster on PostgreSQL, seen alike.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '../../packages/client/src/index.ts'
import { type Cluster, startCluster } from '../e2e/cluster.ts'
import { type ServiceProcess, startServiceProcess } from '../e2e/service-process.ts'
import { clientOf } from '../e2e/survey-job.ts'
import { processesIn } from '../engine/processes.ts'

export type VictimKind = 'runner' | 'agent' | 'api' | 'all'

export interface Target {
  readonly name: string
  /** Kinds of processes that can be killed on their own. Where agent and API are one process, it counts as the agent. */
  readonly kinds: readonly VictimKind[]
  /** How many jobs run at a time. */
  readonly places: number
  readonly blobDir: string
  client(...tokenOptions: string[]): Promise<Client>
  /** Runners, with the index of their agent. */
  runners(): Promise<{ pid: number; agent: number }[]>
  /** Pids of the agents, or of the one process that is all. */
  agentPid(index: number): number
  killAgent(index: number): Promise<void>
  restartAgent(index: number): Promise<void>
  killApi(index: number): Promise<void>
  restartApi(index: number): Promise<void>
  readonly apiCount: number
  /** Everything but the database, at once, runners included; then starts it again. */
  killAll(): Promise<void>
  restartAll(): Promise<void>
  /** Stops every process in good order; what is left of runners and scratch afterwards. */
  stop(): Promise<{ exitCodes: (number | null)[]; processes: number[]; scratch: string[] }>
  remove(): Promise<void>
}

const flags = ['--threads', '1', '--max-attempts', '1000']

export async function embeddedTarget(): Promise<Target> {
  let service = await startServiceProcess(...flags, '--slots', '2')
  const restart = async () => {
    service = await service.restart()
  }
  const scratch = join(service.dataDir, 'scratch')
  return {
    name: 'pglite',
    kinds: ['runner', 'agent', 'all'],
    places: 2,
    blobDir: join(service.dataDir, 'blobs'),
    apiCount: 0,
    client: (...options) => clientOf(service, ...options),
    runners: async () => (await processesIn(scratch)).map((pid) => ({ pid, agent: 0 })),
    agentPid: () => service.pid,
    killAgent: () => service.kill(),
    restartAgent: restart,
    killApi: async () => undefined,
    restartApi: async () => undefined,
    killAll: async () => {
      kill([service.pid, ...(await processesIn(scratch))])
      await service.kill()
    },
    restartAll: restart,
    stop: () => stopped([service]),
    remove: () => service.remove(),
  }
}

export async function clusterTarget(
  postgresUrl: string,
  { agents: agentCount = 3 }: { agents?: number } = {},
): Promise<Target> {
  const cluster: Cluster = await startCluster(postgresUrl, { apis: 2, agents: agentCount, flags })
  const { apis, agents } = cluster
  const runners = async () => {
    const found = agents.map(async ({ dataDir }, agent) =>
      (await processesIn(join(dataDir, 'scratch'))).map((pid) => ({ pid, agent })),
    )
    return (await Promise.all(found)).flat()
  }
  const restart = async (list: ServiceProcess[], index: number) => {
    list[index] = await list[index]!.restart()
  }
  return {
    name: 'postgres',
    kinds: ['runner', 'agent', 'api', 'all'],
    places: agents.length,
    blobDir: cluster.blobDir,
    apiCount: apis.length,
    client: (...options) => cluster.client(...options),
    runners,
    agentPid: (index) => agents[index]!.pid,
    killAgent: (index) => agents[index]!.kill(),
    restartAgent: (index) => restart(agents, index),
    killApi: (index) => apis[index]!.kill(),
    restartApi: (index) => restart(apis, index),
    killAll: async () => {
      kill([...[...apis, ...agents].map(({ pid }) => pid), ...(await runners()).map(({ pid }) => pid)])
      await Promise.all([...apis, ...agents].map((each) => each.kill()))
    },
    restartAll: async () => {
      await Promise.all([
        ...apis.map((_, index) => restart(apis, index)),
        ...agents.map((_, index) => restart(agents, index)),
      ])
    },
    stop: () => stopped([...agents, ...apis]),
    remove: () => cluster.remove(),
  }
}

function kill(pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended a moment ago.
    }
  }
}

async function stopped(processes: ServiceProcess[]) {
  const exitCodes: (number | null)[] = []
  for (const each of processes) exitCodes.push(await each.stop())
  const scratch = processes.map(({ dataDir }) => join(dataDir, 'scratch'))
  const left = await Promise.all(scratch.map((folder) => readdir(folder).catch(() => [])))
  return { exitCodes, processes: (await Promise.all(scratch.map(processesIn))).flat(), scratch: left.flat() }
}
