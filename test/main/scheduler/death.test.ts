import { describe, expect, it } from 'vitest'
import { problemOfDeath, problemOfStart } from '../../../src/main/scheduler/death.ts'
import type { Death } from '../../../src/main/scheduler/death.ts'
import { outOfMemoryCounts, ranOut } from '../../../src/main/scheduler/out-of-memory.ts'

const death = (what: Partial<Death>) =>
  problemOfDeath({
    exit: null,
    output: null,
    savedAt: 40,
    outOfMemory: null,
    hasBegun: true,
    restarted: false,
    ...what,
  })
const by = (signal: NodeJS.Signals) => ({ exit: { code: null, signal } })
const status = (code: number) => ({ exit: { code, signal: null } })

describe('a worker that is gone without a last word', () => {
  it('has a message of its own for each way to die, and advice that ends with what resuming does', () => {
    const problems = [
      death(by('SIGKILL')),
      death({ ...by('SIGKILL'), outOfMemory: true }),
      death(by('SIGABRT')),
      death(by('SIGSEGV')),
      death(by('SIGBUS')),
      death(by('SIGILL')),
      death(by('SIGFPE')),
      death(by('SIGTERM')),
      death(by('SIGINT')),
      death(by('SIGUSR1')),
      death({ ...by('SIGABRT'), output: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory' }),
      death({ ...by('SIGABRT'), output: "terminate called after throwing an instance of 'std::bad_alloc'" }),
      death(status(7)),
      death({ ...status(1), hasBegun: false }),
      death({ restarted: true }),
      death({}),
    ]
    expect(new Set(problems.map(({ message }) => message)).size).toBe(problems.length)
    for (const { hint } of problems)
      expect(hint).toMatch(/Resume it to go on from its newest checkpoint, of step 40\.$/)
    expect(death({ savedAt: null }).hint).toContain('begins anew')
  })

  it('was killed for lack of memory as far as the system says so', () => {
    expect(death({ ...by('SIGKILL'), outOfMemory: true }).message).toContain('memory ran out')
    expect(death(by('SIGKILL')).hint).toContain('may have run out of memory')
    expect(death({ ...by('SIGKILL'), outOfMemory: false }).hint).toContain('no lack of memory')
    // An adopted worker's signal is known to nobody.
    expect(death({ outOfMemory: true }).message).toContain('memory ran out')
  })

  it('is judged by the signal that its exit status stands for', () => {
    for (const [code, signal] of [
      [134, 'SIGABRT'],
      [137, 'SIGKILL'],
      [139, 'SIGSEGV'],
    ] as const)
      expect(death(status(code))).toEqual(death(by(signal)))
  })

  it('keeps its last words', () => {
    expect(death({ ...by('SIGSEGV'), output: 'F tensor.cc:1' })).toMatchObject({
      detail: 'F tensor.cc:1',
      hint: expect.stringContaining('stands in the details'),
    })
  })
})

it('a worker that could not be started is told by the reason', () => {
  const start = (code?: string) => problemOfStart(Object.assign(new Error(`spawn node ${code}`), { code }))
  expect(start('EACCES').hint).toContain('permissions')
  expect(start('EAGAIN').hint).toContain('no more processes')
  expect(start().hint).toBe('When that is mended, resume the run.')
})

it('whether memory ran out is told by counts that rose, and by nothing where there are none', async () => {
  const before = new Map([['a', 1]])
  expect(ranOut(before, new Map([['a', 2]]))).toBe(true)
  expect(ranOut(before, new Map([['a', 1]]))).toBe(false)
  // A file that can only be read now says nothing of what happened since.
  expect(ranOut(before, new Map([['b', 9]]))).toBeNull()
  for (const [file, count] of await outOfMemoryCounts()) expect([file, count >= 0]).toEqual([file, true])
})
