export type Part =
  'node' | 'worker' | 'engine' | 'library' | 'data sets' | 'disk' | 'memory' | 'window' | 'network' | 'log'

/** What the doctor has to say of one thing; `hint` says what to do, or null where there is nothing to be done. */
export interface Finding {
  part: Part
  /** A problem keeps Atelier from working; with a warning it works, but less well than it could, or not for long. */
  level: 'ok' | 'warning' | 'problem'
  message: string
  hint: string | null
}

export const ok = (part: Part, message: string, hint: string | null = null): Finding => ({
  part,
  level: 'ok',
  message,
  hint,
})
export const warning = (part: Part, message: string, hint: string): Finding => ({
  part,
  level: 'warning',
  message,
  hint,
})
export const problem = (part: Part, message: string, hint: string): Finding => ({
  part,
  level: 'problem',
  message,
  hint,
})

/** 1536 → "1.5 KB", 5e9 → "5.0 GB". */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  let at = 0
  for (; bytes >= 1000 && at < units.length - 1; at++) bytes /= 1000
  return `${at === 0 ? bytes : bytes.toFixed(1)} ${units[at]}`
}
