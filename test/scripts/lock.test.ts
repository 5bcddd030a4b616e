import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { withLock } from '../../scripts/lib/lock.mjs'
import { temporaryFolder } from './support.ts'

const moduleUrl = pathToFileURL(path.resolve(import.meta.dirname, '../../scripts/lib/lock.mjs')).href

/** The id of a process that is gone. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid
}

describe('the lock of the set-up', () => {
  it('lets one process in at a time', async () => {
    const folder = temporaryFolder()
    const counter = path.join(folder, 'counter')
    writeFileSync(counter, '0')
    const code = `
      import { readFileSync, writeFileSync } from 'node:fs'
      import { setTimeout as wait } from 'node:timers/promises'
      import { withLock } from ${JSON.stringify(moduleUrl)}
      for (let i = 0; i < 5; i++)
        await withLock(${JSON.stringify(path.join(folder, 'lock'))}, async () => {
          const before = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'))
          await wait(5)
          writeFileSync(${JSON.stringify(counter)}, String(before + 1))
        })`
    const ended = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' })
      return new Promise((resolve) => child.once('exit', resolve))
    })
    expect(await Promise.all(ended)).toEqual([0, 0, 0, 0])
    expect(readFileSync(counter, 'utf8')).toBe('20')
    expect(readdirSync(folder)).toEqual(['counter'])
  })

  it('is taken over from a process that was killed', async () => {
    const folder = temporaryFolder()
    const file = path.join(folder, 'lock')
    writeFileSync(file, JSON.stringify({ id: 'other', pid: deadPid(), host: os.hostname() }))
    expect(await withLock(file, async () => 'done')).toBe('done')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is taken over when its file is garbage', async () => {
    const file = path.join(temporaryFolder(), 'lock')
    writeFileSync(file, '{"id":')
    expect(await withLock(file, async () => 'done')).toBe('done')
  })

  it('is freed when the work fails', async () => {
    const file = path.join(temporaryFolder(), 'lock')
    await expect(withLock(file, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk')
    expect(existsSync(file)).toBe(false)
  })

  it('tells whom it waits for, and gives up in the end', async () => {
    const file = path.join(temporaryFolder(), 'lock')
    writeFileSync(file, JSON.stringify({ id: 'other', pid: process.pid, host: os.hostname() }))
    const waited: number[] = []
    const take = withLock(file, async () => 'done', { onWait: (pid: number) => waited.push(pid), timeoutMs: 50 })
    await expect(take).rejects.toThrow(`Another set-up (process ${process.pid} on ${os.hostname()}) holds ${file}.`)
    expect(waited).toEqual([process.pid])
  })

  it('respects a lock of another machine, whose processes it cannot see', async () => {
    const file = path.join(temporaryFolder(), 'lock')
    writeFileSync(file, JSON.stringify({ id: 'other', pid: deadPid(), host: 'another-machine' }))
    await expect(withLock(file, async () => 'done', { timeoutMs: 50 })).rejects.toThrow('on another-machine')
  })
})
