import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheDirectory, libraryDirectory, nearest } from '../../src/main/paths.ts'
import type { PathSource } from '../../src/main/paths.ts'
import { makePlace } from './support.ts'

const source = (platform: NodeJS.Platform, env: PathSource['env'] = {}): PathSource => ({
  platform,
  env,
  home: '/home/a',
})

describe.skipIf(process.platform === 'win32')('the folders of a user', () => {
  it('are where the system keeps such things', () => {
    expect(libraryDirectory(undefined, source('linux'))).toBe('/home/a/.local/share/atelier')
    expect(cacheDirectory(source('linux'))).toBe('/home/a/.cache/atelier')
    expect(libraryDirectory(undefined, source('darwin'))).toBe('/home/a/Library/Application Support/Atelier')
    expect(cacheDirectory(source('darwin'))).toBe('/home/a/Library/Caches/Atelier')
    const xdg = { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/fast' }
    expect(libraryDirectory(undefined, source('linux', xdg))).toBe('/data/atelier')
    expect(cacheDirectory(source('linux', xdg))).toBe('/fast/atelier')
  })

  it('ignore relative XDG paths, as XDG says', () => {
    const xdg = { XDG_DATA_HOME: 'data', XDG_CACHE_HOME: './fast' }
    expect(libraryDirectory(undefined, source('linux', xdg))).toBe('/home/a/.local/share/atelier')
    expect(cacheDirectory(source('linux', xdg))).toBe('/home/a/.cache/atelier')
  })

  it('are the ones that the user names: by option before environment, with ~ for their home', () => {
    const env = { ATELIER_LIBRARY: '/there', ATELIER_CACHE: '~/cache' }
    expect(libraryDirectory(undefined, source('linux', env))).toBe('/there')
    expect(libraryDirectory('/here', source('linux', env))).toBe('/here')
    expect(libraryDirectory('~/runs', source('linux', env))).toBe('/home/a/runs')
    expect(libraryDirectory('runs', source('linux'))).toBe(path.resolve('runs'))
    expect(cacheDirectory(source('linux', env))).toBe('/home/a/cache')
  })
})

it('nearest finds the file of the closest folder upwards', () => {
  const { directory } = makePlace()
  const deep = path.join(directory, 'a', 'b')
  mkdirSync(path.join(directory, 'a', 'x'), { recursive: true })
  mkdirSync(deep, { recursive: true })
  mkdirSync(path.join(directory, 'x'))
  for (const folder of [directory, path.join(directory, 'a')]) writeFileSync(path.join(folder, 'x', 'file'), '')
  expect(nearest(deep, 'x/file')).toBe(path.join(directory, 'a', 'x', 'file'))
  expect(nearest(deep, 'x/no such file')).toBeNull()
})
