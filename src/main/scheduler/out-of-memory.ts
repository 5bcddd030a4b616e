import { readFile } from 'node:fs/promises'
import path from 'node:path'

/** How often the kernel has ended a process for lack of memory, by the file that says so. */
export type OutOfMemoryCounts = ReadonlyMap<string, number>

const CGROUPS = '/sys/fs/cgroup'

/** Files that count it for this process's control group (v2, then v1) and for the whole machine. */
async function counters(): Promise<string[]> {
  const groups = await readFile('/proc/self/cgroup', 'utf8').catch(() => '')
  const files = ['/proc/vmstat', path.join(CGROUPS, 'memory.events')]
  for (const line of groups.split('\n')) {
    const [id, controllers, group] = line.split(':')
    if (!group) continue
    if (id === '0') files.push(path.join(CGROUPS, group, 'memory.events'))
    else if (controllers?.split(',').includes('memory'))
      files.push(path.join(CGROUPS, 'memory', group, 'memory.oom_control'))
  }
  return files
}

/** @returns the counts that can be read here: on Linux one or two, elsewhere none. */
export async function outOfMemoryCounts(): Promise<OutOfMemoryCounts> {
  const counts = new Map<string, number>()
  if (process.platform !== 'linux') return counts
  await Promise.all(
    (await counters()).map(async (file) => {
      const count = /^oom_kill (\d+)$/m.exec(await readFile(file, 'utf8').catch(() => ''))?.[1]
      if (count !== undefined) counts.set(file, Number(count))
    }),
  )
  return counts
}

/** Whether a process was ended for lack of memory between two looks, or null where that can't be told. */
export function ranOut(before: OutOfMemoryCounts, after: OutOfMemoryCounts): boolean | null {
  const known = [...after].filter(([file]) => before.has(file))
  return known.length === 0 ? null : known.some(([file, count]) => count > before.get(file)!)
}
