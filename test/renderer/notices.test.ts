import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { shownRuns, useNotices } from '../../src/renderer/components/shell/use-notices.ts'
import { useApp } from '../../src/renderer/stores/app.ts'
import { useSettings } from '../../src/renderer/stores/settings.ts'
import { askPermission, closeSystemNotice, permission } from '../../src/renderer/system-notices.ts'
import type { AppInfo, RunsChange } from '../../src/shared/api.ts'
import type { RunStatus } from '../../src/shared/run.ts'
import { makeRun } from '../make-run.ts'

interface ToastLike {
  id: string
  title: string
  description: string
  'onUpdate:open': (open: boolean) => void
}
const seen = vi.hoisted(() => ({
  push: null as ((change: RunsChange, first: boolean) => void) | null,
  toasts: [] as ToastLike[],
}))
vi.mock('../../src/renderer/api.ts', () => ({
  follow: (_open: unknown, { item }: { item: typeof seen.push }) => ((seen.push = item), () => {}),
  connection: { status: { state: 'connecting' } },
  api: {},
}))
vi.mock('../../src/renderer/ui.ts', async (original) => ({
  ...(await original<object>()),
  useToast: () => ({ add: (toast: ToastLike) => seen.toasts.push(toast) }),
}))

/** The browser's notifications, as far as the window uses them. */
class BrowserNotification extends EventTarget {
  static permission: NotificationPermission = 'granted'
  static asked = 0
  static shown: BrowserNotification[] = []
  static requestPermission = async () => ((this.asked += 1), (this.permission = 'granted'))
  readonly title: string
  readonly options: NotificationOptions
  constructor(title: string, options: NotificationOptions) {
    super()
    this.title = title
    this.options = options
    BrowserNotification.shown.push(this)
  }
  close = () => {}
}

const run = (id: string, status: RunStatus) => makeRun({ id, status, name: `run ${id}`, params: {} })
async function push(statuses: Record<string, RunStatus>, first = false) {
  seen.push!({ changed: Object.entries(statuses).map(([id, status]) => run(id, status)), removed: [] }, first)
  await nextTick()
}

let router: ReturnType<typeof createRouter>
let page: ReturnType<typeof mount>
beforeEach(() => {
  closeSystemNotice()
  page?.unmount()
  vi.stubGlobal('Notification', BrowserNotification)
  Object.assign(BrowserNotification, { permission: 'granted', asked: 0, shown: [] })
  permission.value = 'granted'
  seen.toasts.length = 0
  setActivePinia(createPinia())
  const routes = [
    { path: '/runs/:id', component: { template: '<i />' } },
    { path: '/:rest(.*)*', component: { template: '<i />' } },
  ]
  router = createRouter({ history: createMemoryHistory(), routes })
  useApp().info = { platform: 'browser' } as AppInfo
  useSettings().values = { onNonFinite: 'continue', notify: true } as never
  page = mount(defineComponent({ setup: () => (useNotices(), () => h('i')) }), { global: { plugins: [router] } })
})
const isInFront = (front: boolean) => vi.spyOn(document, 'hasFocus').mockReturnValue(front)

describe('a window in front', () => {
  beforeEach(() => void isInFront(true))

  test('says by a toast, and not by the browser, that a run has ended', async () => {
    await push({ a: 'running', b: 'done' }, true)
    await push({ a: 'done' })
    expect(seen.toasts.map(({ title }) => title)).toEqual(['run a is done'])
    expect(BrowserNotification.shown).toEqual([])
  })

  test('says nothing of the run that it shows', async () => {
    await router.push('/runs/a')
    await push({ a: 'running', b: 'running' }, true)
    await push({ a: 'done' })
    expect(seen.toasts).toEqual([])
    await push({ b: 'failed' })
    expect(seen.toasts.map(({ title }) => title)).toEqual(['run b has failed'])
  })

  test('sums up the runs of a study in one toast, until it is closed', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `r${i}`)
    await push(Object.fromEntries(ids.map((id) => [id, 'running'])), true)
    for (const id of ids) await push({ [id]: 'done' })
    expect(new Set(seen.toasts.map(({ id }) => id)).size).toBe(1)
    expect(seen.toasts.at(-1)!.title).toBe('20 runs are done')
    seen.toasts.at(-1)!['onUpdate:open'](false)
    await push({ late: 'running' })
    await push({ late: 'done' })
    expect(seen.toasts.at(-1)!.title).toBe('run late is done')
  })

  test('tells, once it is connected again, what happened meanwhile', async () => {
    await push({ a: 'running' }, true)
    await push({ a: 'interrupted' }, true)
    expect(seen.toasts.map(({ title }) => title)).toEqual(['run a was interrupted'])
  })
})

describe('a window that is not in front', () => {
  beforeEach(() => void isInFront(false))

  test('has the browser say it, once for all, and leads there at a click', async () => {
    await push({ a: 'running', b: 'running' }, true)
    await push({ a: 'done' })
    await push({ b: 'done' })
    const { shown } = BrowserNotification
    expect(shown.map(({ title }) => title)).toEqual(['run a is done', '2 runs are done'])
    expect(shown.map(({ options }) => [options.tag, options.silent])).toEqual([
      ['atelier', false],
      ['atelier', true],
    ])
    shown[0]!.dispatchEvent(new Event('click'))
    await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/runs/a'))
    window.dispatchEvent(new Event('focus'))
    await push({ c: 'running' })
    await push({ c: 'done' })
    expect(shown.at(-1)!.title).toBe('run c is done')
  })

  test.each<[string, () => void]>([
    ['the user has switched them off', () => (useSettings().values = { notify: false } as never)],
    ['the browser has not been asked', () => (BrowserNotification.permission = 'default')],
    ['the browser refuses them', () => (BrowserNotification.permission = 'denied')],
    ['the desktop app shows its own', () => (useApp().info = { platform: 'desktop' } as AppInfo)],
  ])('shows a toast alone when %s, and asks for nothing', async (_, arrange) => {
    arrange()
    await push({ a: 'running' }, true)
    await push({ a: 'failed' })
    expect(seen.toasts).toHaveLength(1)
    expect(BrowserNotification.shown).toEqual([])
    expect(BrowserNotification.asked).toBe(0)
  })
})

test('the browser is asked when the user wants it', async () => {
  BrowserNotification.permission = 'default'
  await askPermission()
  expect(BrowserNotification.asked).toBe(1)
  expect(permission.value).toBe('granted')
})

test('the pages of a run, of the plane and of comparisons show runs', () => {
  expect([...shownRuns({ params: { id: 'a' }, query: {} })]).toEqual(['a'])
  expect([...shownRuns({ params: {}, query: { run: 'b' } })]).toEqual(['b'])
  expect([...shownRuns({ params: {}, query: { runs: 'c,d' } })]).toEqual(['c', 'd'])
  expect([...shownRuns({ params: {}, query: {} })]).toEqual([])
})
