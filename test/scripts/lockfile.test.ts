import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../main/support.ts'

interface Locked {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
}
const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8')
const { packages } = JSON.parse(text) as { packages: Record<string, Locked> }

it('the lockfile has the hash of every package, also of those that other platforms get', () => {
  const named = Object.entries(packages).filter(([place, { link }]) => place !== '' && !link)
  expect(named.length).toBeGreaterThan(500)
  expect(named.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([place]) => place)).toEqual([])
})

it('the lockfile names no registry: packages come from the one that the machine is set up for', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([])
  expect(text.match(/https?:\/\/registry[^"]*/g)).toBeNull()
})
