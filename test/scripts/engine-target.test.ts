import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { decideEngine } from '../../scripts/lib/engine-target.mjs'

const linux = { platform: 'linux', arch: 'x64', glibc: '2.36', engine: undefined, variant: 'cpu' }

describe('which engine a machine gets', () => {
  it('is TensorFlow for the processor on Linux x64, from a wheel whose checksum is known', () => {
    const target = decideEngine(linux)
    expect(target).toMatchObject({ native: true, key: 'tensorflow-2.21.0-cpu-linux-x64', variant: 'cpu' })
    expect(target.wheel.project).toBe('tensorflow-cpu')
    expect(target.wheel.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is the CUDA build with its CUDA wheels when asked for, under a name of its own', () => {
    const target = decideEngine({ ...linux, variant: 'cuda' })
    expect(target.key).toBe('tensorflow-2.21.0-cuda-linux-x64')
    expect(target.wheel.project).toBe('tensorflow')
    const projects = target.wheel.cudaWheels.map(([project]: string[]) => project)
    expect(projects).toContain('nvidia-cudnn-cu12')
    expect(projects).toContain('nvidia-cublas-cu12')
    for (const [, version, sha256] of target.wheel.cudaWheels) {
      expect(version).toMatch(/^\d+(\.\d+)+$/)
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it.each([
    ['linux', 'arm64', 'manylinux_2_27_aarch64'],
    ['darwin', 'arm64', 'macosx_12_0_arm64'],
  ])('is native on %s %s', (platform, arch, tag) => {
    expect(decideEngine({ ...linux, platform, arch }).wheel.tag).toBe(tag)
  })

  it.each([
    ['Windows', { platform: 'win32' }, /no library for win32/, /WSL 2/],
    ['an Intel Mac', { platform: 'darwin' }, /no library for darwin on x64/, null],
    ['an old C library', { glibc: '2.17' }, /needs glibc 2\.27 or newer; this system has 2\.17/, /newer system/],
    ['musl', { glibc: null }, /GNU C library/, /newer system/],
    ['CUDA on a Mac', { platform: 'darwin', arch: 'arm64', variant: 'cuda' }, /Linux x64 only/, /without --cuda/],
    ['ATELIER_ENGINE=wasm', { engine: 'wasm' }, /ATELIER_ENGINE=wasm is set/, /Unset ATELIER_ENGINE/],
  ])('is wasm on %s, with the reason', (_name, machine, reason, howTo) => {
    const decision = decideEngine({ ...linux, ...machine })
    expect(decision.native).toBe(false)
    expect(decision.reason).toMatch(reason)
    if (howTo) expect(decision.howTo).toMatch(howTo)
    else expect(decision.howTo).toBeNull()
  })

  it('accepts every newer glibc', () => {
    expect(decideEngine({ ...linux, glibc: '2.27' }).native).toBe(true)
    expect(decideEngine({ ...linux, glibc: '3.0' }).native).toBe(true)
  })
})
