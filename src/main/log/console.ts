import { format } from 'node:util'
import type { Level, LogFile } from './log-file.ts'

/**
 * While a log file is open, what this process says on the console as a warning or an error goes into it too, as does the
 * exception that ends the process. No secret that was named, nor what looks like one of ours, is ever written.
 */
const open = new Set<LogFile>()
const secrets = new Set<string>()
let restore: (() => void) | null = null

export const hideInLogs = (secret: string): void => void secrets.add(secret)

const TOKENS = /((?:token|atelier)["']?[=:.]\s*["']?)[\w-]{20,}/gi

/** Writes a line into every log file that is open. */
export function logLine(level: Level, text: string): void {
  if (open.size === 0) return
  let safe = text
  for (const secret of secrets) safe = safe.replaceAll(secret, '[secret]')
  safe = safe.replace(TOKENS, '$1[secret]')
  for (const log of open) log.line(level, safe)
}

export function addLog(log: LogFile): void {
  open.add(log)
  restore ??= capture()
}

export function removeLog(log: LogFile): void {
  open.delete(log)
  log.close()
  if (open.size > 0) return
  restore?.()
  restore = null
}

function capture(): () => void {
  const { warn, error } = console
  console.warn = (...args: unknown[]) => {
    logLine('warning', format(...args))
    warn.apply(console, args)
  }
  console.error = (...args: unknown[]) => {
    logLine('error', format(...args))
    error.apply(console, args)
  }
  const fatal = (cause: unknown, origin: string) => logLine('error', format(`Ended by an ${origin}:`, cause))
  process.on('uncaughtExceptionMonitor', fatal)
  return () => {
    Object.assign(console, { warn, error })
    process.off('uncaughtExceptionMonitor', fatal)
  }
}
