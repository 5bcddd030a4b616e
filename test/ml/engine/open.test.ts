import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineInfo } from '../../../src/shared/engine.ts'
import { openEngine } from '../../../src/ml/engine/open.ts'
import { enginesHere } from './finite-differences.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const engines = await enginesHere()

describe('openEngine', () => {
  it.each(engines)('computes on %s and says what it is', async (prefer) => {
    const { tf, info } = await openEngine({ prefer })
    expect(EngineInfo.parse(info)).toEqual(info)
    expect(info.backend).toBe(prefer)
    expect(info.threads).toBeGreaterThanOrEqual(1)
    expect(info.version).toMatch(/^\d+\.\d+/)
    expect(tf.getBackend()).toBe(prefer === 'native' ? 'tensorflow' : 'wasm')
    expect([...tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()]).toEqual([11])
  })

  it('takes wasm when ATELIER_ENGINE says so, and tells why and how to change it', async () => {
    vi.stubEnv('ATELIER_ENGINE', 'wasm')
    const { info } = await openEngine()
    expect(info.backend).toBe('wasm')
    expect(info.reason).toContain('ATELIER_ENGINE')
    expect(info.howTo).toContain('Unset ATELIER_ENGINE')
  })

  it('refuses an unknown ATELIER_ENGINE', async () => {
    vi.stubEnv('ATELIER_ENGINE', 'gpu')
    await expect(openEngine()).rejects.toThrow("ATELIER_ENGINE is 'gpu'; it may be 'auto', 'native' or 'wasm'.")
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %s threads', async (threads) => {
    await expect(openEngine({ threads })).rejects.toThrow(/must be a whole number of at least 1/)
  })

  it('refuses an ATELIER_THREADS that is no number', async () => {
    vi.stubEnv('ATELIER_THREADS', 'many')
    await expect(openEngine()).rejects.toThrow("ATELIER_THREADS is 'many'; it must be a whole number of at least 1.")
  })

  it('is opened as often as wanted', async () => {
    const first = await openEngine({ prefer: 'wasm' })
    const second = await openEngine({ prefer: 'wasm' })
    expect(second.tf).toBe(first.tf)
    expect(second.info).toEqual(first.info)
  })
})
