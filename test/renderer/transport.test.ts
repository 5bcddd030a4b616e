import { beforeEach, describe, expect, it } from 'vitest'
import { findToken, shareToken, takeToken } from '../../src/renderer/token.ts'
import { dialSocket, Refused } from '../../src/renderer/transport.ts'

describe('the token of the address', () => {
  beforeEach(() => {
    sessionStorage.clear()
    history.replaceState(null, '', '/')
  })

  it('moves from the address into the session', () => {
    history.replaceState(null, '', '/#token=s3%2Bcret')
    takeToken()
    expect(sessionStorage.getItem('atelier:token')).toBe('s3+cret')
    expect(location.hash).toBe('#/')
  })

  it('leaves the route that follows it', () => {
    history.replaceState(null, '', '/#token=abc&/runs/r1')
    takeToken()
    expect(location.hash).toBe('#/runs/r1')
  })

  it('leaves an address without a token as it is', () => {
    history.replaceState(null, '', '/#/data')
    takeToken()
    expect(location.hash).toBe('#/data')
    expect(sessionStorage.getItem('atelier:token')).toBeNull()
  })

  it('is handed to a new tab by one that has it, and kept there', async () => {
    sessionStorage.setItem('atelier:token', 'abc')
    const end = shareToken()
    const kept = new Map<string, string>()
    const newTab = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
    expect(await findToken(newTab)).toBe('abc')
    end()
    expect(await findToken(newTab)).toBe('abc')
  })

  it('is not made up when no tab has it', async () => {
    const end = shareToken()
    expect(await findToken()).toBeNull()
    end()
  })

  it('is needed to dial', async () => {
    await expect(dialSocket()).rejects.toBeInstanceOf(Refused)
  })
})
