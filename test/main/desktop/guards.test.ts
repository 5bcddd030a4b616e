import type { Session, WebContents } from 'electron'
import { beforeEach, describe, expect, it } from 'vitest'
import { GRANTED_PERMISSIONS, guardContents, guardSession } from '../../../src/main/desktop/guards.ts'
import { packagedOrigins } from '../../../src/main/desktop/origins.ts'
import { PreventableEvent, WebContents as StandInContents, session } from './electron-stand-in.ts'

const ours = 'app://atelier/index.html'

describe('the session', () => {
  const { defaultSession } = session
  beforeEach(() => {
    defaultSession.removeAllListeners()
    guardSession(defaultSession as unknown as Session, packagedOrigins)
  })
  const cancelled = (url: string) => {
    let answer: { cancel?: boolean } = {}
    defaultSession.request!({ url }, (given) => (answer = given))
    return answer.cancel
  }
  const asked = (permission: string, requestingUrl = ours, isMainFrame = true) => {
    let granted: boolean | undefined
    defaultSession.permissionRequest!(null, permission, (given) => (granted = given), { requestingUrl, isMainFrame })
    const checked = defaultSession.permissionCheck!(null, permission, requestingUrl, { isMainFrame })
    return { granted, checked }
  }

  it('the hole: a hijacked page sends the library to a server', () => {
    expect(cancelled('https://evil.example/?data=…')).toBe(true)
    expect(cancelled('file:///etc/passwd')).toBe(true)
    expect(cancelled('app://atelier/assets/a.js')).toBe(false)
  })
  it('the hole: a page is granted what nobody thought of', () => {
    for (const permission of ['media', 'geolocation', 'usb', 'fileSystem', 'clipboard-read', 'openExternal', 'unknown'])
      expect(asked(permission), permission).toEqual({ granted: false, checked: false })
  })
  it('our page may copy to the clipboard and fill the screen; no other page, no frame of it', () => {
    expect(GRANTED_PERMISSIONS).toEqual(['clipboard-sanitized-write', 'fullscreen'])
    for (const permission of GRANTED_PERMISSIONS) {
      expect(asked(permission)).toEqual({ granted: true, checked: true })
      expect(asked(permission, 'https://evil.example/')).toEqual({ granted: false, checked: false })
      expect(asked(permission, ours, false)).toEqual({ granted: false, checked: false })
    }
  })
  it('no device is let in', () => expect(defaultSession.device!()).toBe(false))
  it('the page may save what it made, and nothing is downloaded from elsewhere', () => {
    const download = (url: string) => {
      const event = new PreventableEvent()
      defaultSession.emit('will-download', event, { getURL: () => url })
      return !event.defaultPrevented
    }
    expect(download('blob:app://atelier/0b7e')).toBe(true)
    expect(download('blob:https://evil.example/0b7e')).toBe(false)
    expect(download('https://evil.example/a.exe')).toBe(false)
    expect(download('data:application/octet-stream;base64,AAAA')).toBe(false)
  })
})

describe('a page', () => {
  let contents: StandInContents
  let opened: string[]
  beforeEach(() => {
    contents = new StandInContents()
    opened = []
    guardContents(contents as unknown as WebContents, packagedOrigins, (url) => opened.push(url))
  })
  const goes = (name: string, url: string, isMainFrame = true) => {
    const event = new PreventableEvent({ url, isMainFrame })
    contents.emit(name, event)
    return !event.defaultPrevented
  }

  it('the hole: the window leaves for a page that then has its preload and its port', () => {
    for (const name of ['will-frame-navigate', 'will-redirect']) {
      expect(goes(name, ours)).toBe(true)
      for (const url of ['https://evil.example/', 'file:///etc/passwd', 'app://other/', 'about:blank', 'javascript:0'])
        expect(goes(name, url), `${name} ${url}`).toBe(false)
      expect(goes(name, ours, false), `${name} in a frame`).toBe(false)
    }
    expect(opened).toEqual([])
  })
  it('the hole: window.open makes a window with none of the locks', () => {
    for (const url of [ours, 'about:blank', 'https://evil.example/', 'file:///usr/bin/xterm'])
      expect(contents.openHandler!({ url })).toEqual({ action: 'deny' })
    expect(opened).toEqual([])
  })
  it('a link to a paper opens in the browser of the system, and the window stays', () => {
    expect(contents.openHandler!({ url: 'https://arxiv.org/abs/1704.00028' })).toEqual({ action: 'deny' })
    expect(goes('will-frame-navigate', 'https://doi.org/10.1')).toBe(false)
    expect(goes('will-frame-navigate', 'https://doi.org/10.2', false)).toBe(false)
    expect(goes('will-redirect', 'https://doi.org/10.3')).toBe(false)
    expect(opened).toEqual(['https://arxiv.org/abs/1704.00028', 'https://doi.org/10.1'])
  })
  it('the hole: a webview brings its own preload and its own preferences', () => {
    expect(goes('will-attach-webview', ours)).toBe(false)
  })
})
