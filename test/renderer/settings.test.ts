import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { settingFields } from '../../src/renderer/components/settings/setting-fields.ts'
import { useApp } from '../../src/renderer/stores/app.ts'
import { permission } from '../../src/renderer/system-notices.ts'
import SettingsView from '../../src/renderer/views/SettingsView.vue'
import type { AppInfo } from '../../src/shared/api.ts'
import { LibrarySettings, defaultSettings } from '../../src/shared/settings.ts'

const core = vi.hoisted(() => ({
  settings: {} as Record<string, unknown>,
  failing: false,
  toasts: [] as { title: string }[],
}))
vi.mock('../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  connection: { status: { state: 'open' } },
  messageOf: (error: Error) => error.message,
  api: {
    app: {
      settings: async () => core.settings,
      changeSettings: async (change: object) => {
        if (core.failing) throw new Error('the library is read-only')
        return (core.settings = { ...core.settings, ...change })
      },
      info: () => new Promise(() => {}),
    },
  },
}))
vi.mock('../../src/renderer/ui.ts', async (original) => ({
  ...(await original<object>()),
  useToast: () => ({ add: (toast: { title: string }) => core.toasts.push(toast) }),
}))

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<i />' } }],
})
async function open(platform: AppInfo['platform'] = 'browser') {
  useApp().info = {
    platform,
    slots: 2,
    library: { path: '/home/me/atelier', bytes: 5e6, runs: 3, schemaVersion: 5 },
  } as AppInfo
  const page = mount(SettingsView, { global: { plugins: [router] } })
  await flushPromises()
  return page
}

beforeEach(() => {
  setActivePinia(createPinia())
  core.settings = { ...defaultSettings }
  core.failing = false
  core.toasts.length = 0
  permission.value = 'default'
})

test('every setting of the schema has a control, and words of its own', async () => {
  const page = await open()
  const fields = settingFields()
  expect(fields.map(({ name }) => name).toSorted()).toEqual(Object.keys(LibrarySettings.shape).toSorted())
  for (const { name, label, help, options, parts } of fields) {
    expect(page.find(`#setting-${name}`).exists()).toBe(true)
    expect(label).not.toBe(name)
    expect(help).not.toBe('')
    for (const option of options ?? []) expect(option.help).not.toBe('')
    for (const part of parts ?? []) expect(part.label).not.toBe(part.name)
  }
})

test('a choice is kept with the library at once, and says what it means', async () => {
  const page = await open()
  const option = page.findAll('#setting-onNonFinite [role=radio]').find((b) => b.text() === 'Pause')!
  await option.trigger('click')
  await flushPromises()
  expect(core.settings.onNonFinite).toBe('pause')
  expect(option.attributes('aria-checked')).toBe('true')
  expect(page.text()).toContain('ends with the checkpoint from before, and can be resumed')
})

test('a setting that the core does not take stays as it was, and it is said', async () => {
  core.failing = true
  const page = await open()
  await page.findAll('#setting-onNonFinite [role=radio]')[2]!.trigger('click')
  await flushPromises()
  expect(page.findAll('#setting-onNonFinite [role=radio]')[0]!.attributes('aria-checked')).toBe('true')
  expect(core.toasts.map(({ title }) => title)).toEqual(['The setting was not changed'])
})

test('the browser is asked for notifications by a click alone, and only where there is one to ask', async () => {
  const asked = vi.fn(async () => 'granted')
  vi.stubGlobal('Notification', Object.assign(class {}, { permission: 'default', requestPermission: asked }))
  const page = await open()
  expect(asked).not.toHaveBeenCalled()
  await page
    .findAll('button')
    .find((b) => b.text() === 'Allow in this browser')!
    .trigger('click')
  expect(asked).toHaveBeenCalledOnce()
  page.unmount()
  permission.value = 'default'
  expect((await open('desktop')).text()).not.toContain('Allow in this browser')
})

test('numbers are kept together once all are right, and an empty field means what it says', async () => {
  const page = await open()
  const [last, every] = page.findAll('#setting-checkpoints input')
  await every!.setValue('2.5')
  expect(page.get('#setting-checkpoints [role=alert]').text()).toContain('And every n-th')
  expect(core.settings.checkpoints).toEqual(defaultSettings.checkpoints)
  await every!.setValue('')
  expect(page.get('#setting-checkpoints [role=alert]').text()).toContain('needs a number')
  await every!.setValue('5')
  await last!.setValue('')
  await flushPromises()
  expect(core.settings.checkpoints).toEqual({ keepLast: null, keepEvery: 5 })
  expect(page.find('#setting-checkpoints [role=alert]').exists()).toBe(false)
})
