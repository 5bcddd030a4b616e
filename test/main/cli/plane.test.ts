import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { makePlace } from '../support.ts'
import { atelier } from './atelier.ts'

it('imports points from a CSV, lists them, and takes them out again', async () => {
  const place = makePlace()
  const file = path.join(place.directory, 'points.csv')
  writeFileSync(file, `x,y\n${Array.from({ length: 200 }, (_, i) => `${i},${i * i}`).join('\n')}\n`)
  const imported = await atelier(place, 'plane', 'import', file, '--json')
  expect(imported.status).toBe(0)
  const { id } = JSON.parse(imported.stdout) as { id: string }
  expect((await atelier(place, 'plane')).stdout).toMatch(new RegExp(`set:${id} +points +points +200`))
  expect((await atelier(place, 'plane', 'remove', `set:${id}`)).status).toBe(0)
  expect((await atelier(place, 'plane')).stdout).toContain('No saved sets.')
})

it.each([
  ['x,y\n1,2\n3,abc', 'Line 3: y is "abc", expected a number.'],
  ['1\n2', 'Line 1: found 1 column, expected 2'],
])('refuses %j with its line', async (text, message) => {
  const place = makePlace()
  const file = path.join(place.directory, 'points.csv')
  writeFileSync(file, text)
  const { status, stderr } = await atelier(place, 'plane', 'import', file)
  expect(status).toBe(2)
  expect(stderr).toContain(message)
})

it('says that a file is missing before any library is made', async () => {
  const place = makePlace()
  const { status, stderr } = await atelier(place, 'plane', 'import', 'nowhere.csv')
  expect(status).toBe(2)
  expect(stderr).toContain('There is no file nowhere.csv.')
})
