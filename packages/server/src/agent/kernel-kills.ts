// Whether the kernel took a process for want of memory. It tells no parent which one it took, only how many.
import { readFile } from 'node:fs/promises'

/**
 * How many processes of our control group (a container, a service of systemd) the kernel has killed so far because
 * memory ran out there or on the whole machine; of the machine where groups do not count; 0 where nobody does.
 */
export async function killsForMemory(): Promise<number> {
  const groups = await textOf('/proc/self/cgroup')
  const [, unified = ''] = /^0::(.*)$/m.exec(groups) ?? []
  const [, memory = ''] = /^\d+:memory:(.*)$/m.exec(groups) ?? []
  const counters = [
    `/sys/fs/cgroup/memory${memory}/memory.oom_control`,
    `/sys/fs/cgroup${unified}/memory.events`,
    // In a container the path of the group may be the host's, while the group lies at the root.
    '/sys/fs/cgroup/memory/memory.oom_control',
    '/sys/fs/cgroup/memory.events',
    '/proc/vmstat',
  ]
  for (const counter of counters) {
    const [, count] = /^oom_kill (\d+)$/m.exec(await textOf(counter)) ?? []
    if (count !== undefined) return Number(count)
  }
  return 0
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
