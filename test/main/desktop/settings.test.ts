import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSettings } from '../../../src/main/desktop/settings.ts'
import { MIN_HEIGHT, MIN_WIDTH, placeWindow } from '../../../src/main/desktop/window-state.ts'

describe('settings', () => {
  let folder: string
  let file: string
  let reports: string[]
  const open = () => openSettings(file, (message) => reports.push(message))
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'atelier-settings-'))
    file = join(folder, 'new', 'settings.json')
    reports = []
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are there again at the next start, and leave nothing half-written', () => {
    open().set({ library: '/library' })
    open().set({ toldTrainingGoesOn: true })
    expect(open().get()).toMatchObject({ library: '/library', toldTrainingGoesOn: true })
    expect(readdirSync(join(folder, 'new'))).toEqual(['settings.json'])
    expect(reports).toEqual([])
  })
  it('that are damaged start anew and say so', () => {
    open().set({ library: '/library' })
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 5))
    expect(open().get()).toEqual({ toldTrainingGoesOn: false })
    expect(reports).toHaveLength(1)
    expect(reports[0]).toContain(file)
  })
  it('keep the good ones beside a bad one', () => {
    open().set({ library: '/library' })
    writeFileSync(file, JSON.stringify({ library: '/library', window: { width: 'wide' }, toldTrainingGoesOn: 3 }))
    expect(open().get()).toEqual({ library: '/library', toldTrainingGoesOn: false, window: undefined })
  })
  it('that cannot be saved hold for this session and are reported', () => {
    writeFileSync(join(folder, 'taken'), '')
    file = join(folder, 'taken', 'settings.json')
    const settings = open()
    settings.set({ library: '/library' })
    expect(settings.get().library).toBe('/library')
    expect(reports[0]).toContain('could not be saved')
  })
})

describe('where the window opens', () => {
  const screen = { x: 0, y: 25, width: 1920, height: 1000 }
  const second = { x: 1920, y: 0, width: 1280, height: 1024 }
  const saved = { x: 100, y: 100, width: 1200, height: 800, maximized: false }

  it('where it was', () => {
    expect(placeWindow(saved, [screen])).toEqual(saved)
    const there = { ...saved, x: 2000, maximized: true }
    expect(placeWindow(there, [screen, second])).toEqual(there)
  })
  it('centred, at its size, when the screen that it was on is gone', () => {
    expect(placeWindow({ ...saved, x: 2000 }, [screen])).toEqual({ width: 1200, height: 800, maximized: false })
    expect(placeWindow({ ...saved, x: -1190 }, [screen])).not.toHaveProperty('x')
    expect(placeWindow({ ...saved, y: 1020 }, [screen])).not.toHaveProperty('x')
  })
  it('not with its title bar above the screen', () => {
    expect(placeWindow({ ...saved, y: -40 }, [screen])).not.toHaveProperty('y')
  })
  it('no larger than the screen, no smaller than the page can be laid out', () => {
    expect(placeWindow({ ...saved, width: 5000, height: 5000 }, [screen])).toMatchObject({
      width: 1920,
      height: 1000,
    })
    expect(placeWindow({ ...saved, width: 1, height: 1 }, [screen])).toMatchObject({
      width: MIN_WIDTH,
      height: MIN_HEIGHT,
    })
  })
  it('at the first start centred, on a small screen smaller', () => {
    expect(placeWindow(undefined, [screen])).toEqual({ width: 1360, height: 880, maximized: false })
    expect(placeWindow(undefined, [{ ...second, height: 700 }])).toEqual({ width: 1280, height: 700, maximized: false })
  })
})
