import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A process that can't be mistaken for a later one that got the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it began, in the system's own measure; null where that can't be told. */
  startTime: string | null
}

/** Fields 3 (state) and 22 (start, in ticks since boot) of /proc/PID/stat; the name before them may hold spaces. */
async function readStat(pid: number): Promise<{ state: string; start: string } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0]!, start: fields[19]! }
}

let bootId: Promise<string> | null = null
/** Ticks since boot repeat from boot to boot, so the boot is part of the identity. */
const boot = () =>
  (bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (id) => id.trim().slice(0, 8),
    () => '',
  ))

/** When a process began, or null when there is none (or only its remains, waiting to be collected). */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readStat(pid)
    return stat && stat.state !== 'Z' && stat.state !== 'X' ? `${await boot()}:${stat.start}` : null
  }
  const [file, ...args] =
    process.platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)]
  const found = await run(file!, args, { env: { ...process.env, LC_ALL: 'C' } }).catch(() => null)
  return found?.stdout.trim() || null
}

/** Whether the very process still lives. */
export async function isSameProcess(process: ProcessIdentity): Promise<boolean> {
  const start = await processStart(process.pid)
  return start !== null && (process.startTime === null || start === process.startTime)
}

/** Finds a process by an argument of its command line, for one that was started but not yet written down. */
export async function findProcessWithArgument(argument: string): Promise<number | null> {
  if (process.platform === 'linux') {
    for (const name of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(name)) continue
      const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
      if (line.split('\0').includes(argument)) return Number(name)
    }
    return null
  }
  if (process.platform === 'win32') return null
  const all = await run('ps', ['-axo', 'pid=,args=']).catch(() => null)
  const line = all?.stdout.split('\n').find((text) => text.endsWith(` ${argument}`))
  return line ? Number.parseInt(line, 10) : null
}
