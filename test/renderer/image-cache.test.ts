import { beforeEach, describe, expect, it, vi } from 'vitest'
import { imageCache } from '../../src/renderer/stores/images.ts'

describe('the cache of images', () => {
  let revoked: string[]
  beforeEach(() => {
    revoked = []
    let n = 0
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${n++}`)
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void revoked.push(url))
  })

  it('fetches a hash once, however many ask at once', async () => {
    const fetch = vi.fn(async () => new Blob())
    const cache = imageCache(fetch)
    expect(cache.peek('a')).toBeUndefined()
    expect(await Promise.all([cache.url('a'), cache.url('a')])).toEqual(['blob:0', 'blob:0'])
    expect(await cache.url('a')).toBe('blob:0')
    expect(cache.peek('a')).toBe('blob:0')
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('lets go of what was used least recently', async () => {
    const cache = imageCache(async () => new Blob(), 2)
    await cache.url('a')
    await cache.url('b')
    cache.peek('a')
    await cache.url('c')
    expect(revoked).toEqual(['blob:1'])
    expect(cache.peek('b')).toBeUndefined()
    expect(cache.peek('a')).toBe('blob:0')
  })

  it('tries a failed fetch again', async () => {
    const fetch = vi
      .fn<(hash: string) => Promise<Blob>>()
      .mockRejectedValueOnce(new Error('gone'))
      .mockResolvedValue(new Blob())
    const cache = imageCache(fetch)
    await expect(cache.url('a')).rejects.toThrow('gone')
    expect(await cache.url('a')).toBe('blob:0')
  })
})
