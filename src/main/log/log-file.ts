import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

export type Level = 'info' | 'warning' | 'error'

export interface LogFileOptions {
  /** Bytes of one file; the line that would exceed them begins the next. */
  bytes?: number
  /** Files in all: the one that is written, and the older ones with a number in their names. */
  files?: number
}

const LINE_BYTES = 16_384
const WIDTH = 'warning'.length

/**
 * A log file that is rotated by its size: `atelier.log`, then `atelier.1.log` to the oldest, `atelier.4.log`. Its owner
 * alone can read it. Each line is on the disk before `line` returns, so that what a crash was about is there; a disk that
 * refuses is never the reason that something else fails.
 */
export class LogFile {
  readonly file: string
  private readonly options: Required<LogFileOptions>
  private fd: number | null = null
  private size = 0
  private closed = false

  constructor(file: string, options: LogFileOptions = {}) {
    this.file = file
    this.options = { bytes: 1 << 20, files: 5, ...options }
  }

  /** Writes one entry; what has several lines goes on below it, indented, so that no text can pass for an entry. */
  line(level: Level, text: string): void {
    if (this.closed) return
    const entry = Buffer.from(`${new Date().toISOString()} ${level.padEnd(WIDTH)} ${oneEntry(text)}\n`)
    try {
      this.open()
      if (this.size > 0 && this.size + entry.length > this.options.bytes) this.rotate()
      writeSync(this.fd!, entry)
      this.size += entry.length
    } catch {
      // Tried anew at the next line: a full disk may have been emptied.
      this.end()
    }
  }

  close(): void {
    this.closed = true
    this.end()
  }

  private open(): void {
    if (this.fd !== null) return
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 })
    this.fd = openSync(this.file, 'a', 0o600)
    this.size = fstatSync(this.fd).size
  }

  private rotate(): void {
    this.end()
    const { files } = this.options
    rmSync(this.name(files - 1), { force: true })
    for (let age = files - 2; age >= 0; age--) {
      try {
        renameSync(this.name(age), this.name(age + 1))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
    this.open()
  }

  private name(age: number): string {
    const { dir, name, ext } = path.parse(this.file)
    return age === 0 ? this.file : path.join(dir, `${name}.${age}${ext}`)
  }

  private end(): void {
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }
}

function oneEntry(text: string): string {
  const cut = text.length > LINE_BYTES ? `${text.slice(0, LINE_BYTES)}… (${text.length} characters)` : text
  return (
    cut
      .trimEnd()
      .replace(/\r?\n/g, '\n    ')
      // Names come from people: none of their control characters reaches a terminal that shows the log.
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, '�')
  )
}
