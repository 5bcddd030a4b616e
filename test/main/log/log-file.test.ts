import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { addLog, hideInLogs, logLine, removeLog } from '../../../src/main/log/console.ts'
import { LogFile } from '../../../src/main/log/log-file.ts'

function place() {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return path.join(folder, 'logs', 'atelier.log')
}
const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n')

it('rotates by size, keeps the number of files, and loses no line in between', () => {
  const file = place()
  const log = new LogFile(file, { bytes: 2000, files: 3 })
  for (let i = 0; i < 200; i++) log.line('info', `line ${i}`)
  log.close()
  const folder = path.dirname(file)
  expect(readdirSync(folder).toSorted()).toEqual(['atelier.1.log', 'atelier.2.log', 'atelier.log'])
  for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).size).toBeLessThanOrEqual(2000)
  const all = ['atelier.2.log', 'atelier.1.log', 'atelier.log'].flatMap((name) => lines(path.join(folder, name)))
  const numbers = all.map((line) => Number(/line (\d+)$/.exec(line)![1]))
  expect(numbers.at(-1)).toBe(199)
  expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i))
})

it('goes on in the file that is there, for its owner alone', () => {
  const file = place()
  for (const text of ['first', 'second']) {
    const log = new LogFile(file)
    log.line('info', text)
    log.close()
  }
  expect(lines(file).map((line) => line.split(' ').at(-1))).toEqual(['first', 'second'])
  if (process.platform !== 'win32') {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
  }
})

it('lets no text pass for an entry of its own, nor reach a terminal as control codes', () => {
  const file = place()
  const log = new LogFile(file)
  log.line('info', 'a run named \u001b[31mred\u0007\r\n2026-01-01T00:00:00.000Z error   forged')
  log.line('error', 'x'.repeat(100_000))
  log.close()
  const [first, second, third] = lines(file)
  expect(first).toMatch(/^\S+Z info {4}a run named �\[31mred�$/)
  expect(second).toMatch(/^ {4}2026/)
  expect(third!.length).toBeLessThan(17_000)
})

it('is no reason for anything to fail when it cannot be written', () => {
  const file = place()
  writeFileSync(path.dirname(file), 'a file where the folder should be')
  const log = new LogFile(file)
  expect(() => log.line('error', 'lost')).not.toThrow()
  rmSync(path.dirname(file))
  log.line('info', 'there again')
  log.close()
  log.line('info', 'after its end')
  expect(lines(file)).toHaveLength(1)
})

it('takes in what the console is told, without a secret, and lets go of the console at its end', () => {
  const file = place()
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const before = [console.error, console.warn]
  const log = new LogFile(file)
  hideInLogs('s3cret-of-ours')
  addLog(log)
  console.error('Scheduler:', new Error('it broke at s3cret-of-ours'))
  console.warn('%d of %s', 3, 'four')
  logLine('info', 'at http://127.0.0.1:4747/#token=abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE')
  logLine('info', 'Protocol: atelier.abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE')
  removeLog(log)
  console.error('later')
  expect([console.error, console.warn]).toEqual(before)
  expect(error).toHaveBeenCalledTimes(2)
  expect(warn).toHaveBeenCalledTimes(1)
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/error {3}Scheduler: Error: it broke at \[secret\]\n {8}at /)
  expect(text).toContain('warning 3 of four')
  expect(text).not.toMatch(/s3cret|abcdefghij|later/)
  expect(existsSync(file)).toBe(true)
})
