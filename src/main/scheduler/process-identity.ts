import { execFile } from 'node:child_process'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A process that can't be mistaken for a later one that got the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it began, in the system's own measure; null where that can't be told. */
  startTime: string | null
}

/**
 * Fields 3 (state), 14 and 15 (processor time, in ticks) and 22 (start, in ticks since boot) of /proc/PID/stat; the name
 * before them may hold spaces.
 */
async function readStat(pid: number): Promise<{ state: string; start: string; cpu: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0]!, start: fields[19]!, cpu: Number(fields[11]) + Number(fields[12]) }
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

/** Whether a process is of an earlier boot of this machine; false where that can't be told. */
export async function isOfEarlierBoot({ startTime }: ProcessIdentity): Promise<boolean> {
  const [then, ticks] = startTime?.split(':') ?? []
  const now = await boot()
  return process.platform === 'linux' && !!then && !!ticks && now !== '' && then !== now
}

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick is. */
const TICK_MS = 10
const milliseconds = (stat: { cpu: number } | null) => (stat && Number.isFinite(stat.cpu) ? stat.cpu * TICK_MS : null)

/** Processor time that a process has used so far, in milliseconds, or null where that can't be told. */
export async function cpuTime(pid: number): Promise<number | null> {
  if (process.platform === 'linux') return milliseconds(await readStat(pid))
  if (process.platform === 'win32') return null
  // [days-]hours:minutes:seconds, the first ones only where there are any
  const found = await run('ps', ['-o', 'time=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }).catch(
    () => null,
  )
  const parts = found?.stdout.trim().split(/[-:]/).map(Number) ?? []
  if (parts.length < 2 || parts.some(Number.isNaN)) return null
  const [seconds, minutes = 0, hours = 0, days = 0] = parts.toReversed()
  return (seconds! + 60 * (minutes + 60 * (hours + 24 * days))) * 1000
}

/** Whether the very process still lives. */
export async function isSameProcess(process: ProcessIdentity): Promise<boolean> {
  const start = await processStart(process.pid)
  return start !== null && (process.startTime === null || start === process.startTime)
}

/**
 * Whether a worker works in this attempt's folder, and not in the one that it is a copy of; null where that can't be told.
 * A folder that was moved is the same one on Linux.
 */
export async function worksIn(pid: number, attemptDirectory: string): Promise<boolean | null> {
  if (process.platform === 'linux') {
    const [theirs, ours] = await Promise.all(
      [`/proc/${pid}/cwd`, attemptDirectory].map((folder) => stat(folder, { bigint: true }).catch(() => null)),
    )
    return theirs && ours ? theirs.dev === ours.dev && theirs.ino === ours.ino : null
  }
  if (process.platform === 'win32') return null
  const found = await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => null)
  const folder = found?.stdout.trimEnd().split(' run ').at(-1)
  const [theirs, ours] = await Promise.all([folder ?? '', attemptDirectory].map((f) => realpath(f).catch(() => null)))
  return theirs && ours ? theirs === ours : null
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
