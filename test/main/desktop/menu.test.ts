import { describe, expect, it } from 'vitest'
import { menuTemplate } from '../../../src/main/desktop/menu.ts'
import { externalLink } from '../../../src/main/desktop/origins.ts'
import { Menu } from './electron-stand-in.ts'
import type { MenuItem } from './electron-stand-in.ts'

const calls: string[] = []
const actions = {
  chooseLibrary: () => void calls.push('choose'),
  openLibraryFolder: () => void calls.push('open'),
  about: () => void calls.push('about'),
  openLink: (url: string) => void calls.push(url),
}
const menu = (platform: NodeJS.Platform, development = false) =>
  Menu.buildFromTemplate(menuTemplate(actions, { platform, development }) as MenuItem[])
const flat = (items: MenuItem[]): MenuItem[] => items.flatMap((item) => [item, ...flat(item.submenu ?? [])])

describe.each(['linux', 'win32', 'darwin'] as const)('the menu on %s', (platform) => {
  const items = flat(menu(platform))
  it('has what every application has', () => {
    for (const role of ['quit', 'editMenu', 'windowMenu', 'zoomIn', 'zoomOut', 'resetZoom', 'togglefullscreen', 'help'])
      expect(
        items.filter((item) => item.role === role),
        role,
      ).toHaveLength(1)
    expect(items.filter((item) => item.label === 'About Atelier')).toHaveLength(1)
  })
  it('takes no accelerator twice', () => {
    const keys = items.flatMap((item) => item.accelerator ?? [])
    expect(keys).toEqual(['CmdOrCtrl+O', 'CmdOrCtrl+Shift+O'])
  })
  it('leads only to pages that the shell opens', () => {
    calls.length = 0
    for (const item of items) item.click?.()
    const links = calls.filter((call) => call.includes(':'))
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) expect(externalLink(link)).toBe(link)
    expect(calls).toEqual(expect.arrayContaining(['choose', 'open', 'about']))
  })
  it('shows the developer tools to developers alone', () => {
    const tools = (development: boolean) =>
      flat(menu(platform, development)).filter((item) => item.role === 'toggleDevTools')
    expect(tools(false)).toHaveLength(0)
    expect(tools(true)).toHaveLength(1)
  })
})
