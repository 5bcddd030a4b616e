import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/index.ts'
import { describeProblem } from '../../../src/ml/run/problems.ts'

function thrown(f: () => unknown): Error {
  try {
    f()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
const coded = (code: string, path?: string) => Object.assign(new Error(`${code}: something, open`), { code, path })

describe('what a worker says of', () => {
  it('an array that is too large', () => {
    for (const make of [() => new ArrayBuffer(2 ** 45), () => new Float32Array(2 ** 45)]) {
      const problem = describeProblem(thrown(make))
      expect(problem.message).toBe('There is not enough memory for an array of the run.')
      expect(problem.hint).toContain('smaller batch')
      expect(problem.detail).toContain('RangeError')
    }
  })

  it.each(['native', 'wasm'] as const)('a tensor that is too large for the %s engine', async (prefer) => {
    const { tf, info } = await openEngine({ prefer })
    const tall = tf.ones([2_000_000, 1]) as Parameters<typeof tf.matMul>[0]
    const problem = describeProblem(thrown(() => tf.matMul(tall, tall, false, true).dataSync()))
    expect(problem.message).toBe(
      info.backend === 'native'
        ? 'TensorFlow ran out of memory at a tensor of 2000000 × 2000000.'
        : 'The WebAssembly engine ran out of its memory, of which it has 4 GiB at most.',
    )
    expect(problem.hint).toContain('smaller batch')
  })

  it.runIf(process.platform === 'linux')('a full disk', () => {
    const full = openSync('/dev/full', 'w')
    const problem = describeProblem(thrown(() => writeSync(full, 'x')))
    closeSync(full)
    expect(problem).toMatchObject({
      message: 'The disk is full: a file of the run could not be written.',
      hint: expect.stringMatching(/^Free some space.*then resume the run\.$/) as string,
      detail: expect.stringContaining('ENOSPC') as string,
    })
  })

  it.each([
    [coded('EDQUOT', '/x'), 'The disk is full: a file of the run could not be written (/x).'],
    [coded('EACCES', '/x/y'), 'A file of the run may not be read or written (/x/y): EACCES.'],
    [coded('EROFS'), 'A file of the run may not be read or written: EROFS.'],
    [coded('EIO'), 'The disk failed at a file of the run.'],
    [coded('EMFILE'), 'Too many files are open on this machine.'],
    [new Error('std::bad_alloc'), 'The machine ran out of memory.'],
    [new Error('Cannot enlarge memory, requested 4 GiB'), 'The WebAssembly engine ran out of its memory, of which'],
  ])('%s', (error, message) => {
    const problem = describeProblem(error)
    expect(problem.message).toContain(message)
    expect(problem.hint).toBeTruthy()
    expect(problem.detail).toBe(error.stack)
  })

  it('anything else: its own words, and its own hint if it brings one', () => {
    const missing = thrown(() => readFileSync(path.join(os.tmpdir(), 'atelier-no-such-file')))
    expect(describeProblem(missing)).toMatchObject({ message: missing.message, hint: null })
    expect(describeProblem(thrown(() => new Float32Array(-1))).message).toBe('Invalid typed array length: -1')
    const own = Object.assign(new Error('OOM when allocating'), { hint: 'Do this.' })
    expect(describeProblem(own)).toMatchObject({ message: 'OOM when allocating', hint: 'Do this.' })
    expect(describeProblem('odd')).toEqual({ message: 'odd', hint: null, detail: null })
  })
})
