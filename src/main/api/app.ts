import type { AppInfo } from '../../shared/api.ts'
import { changeSettings, readSettings } from '../scheduler/index.ts'
import { version } from '../version.ts'
import { os } from './base.ts'
import type { Services } from './base.ts'

export function appHandlers({ library, scheduler, engine, platform }: Services) {
  const info = async (): Promise<AppInfo> => ({
    version,
    library: library.info(),
    engine: await engine.info(),
    slots: scheduler.slots,
    platform,
  })
  return {
    settings: os.app.settings.handler(() => readSettings(library)),
    changeSettings: os.app.changeSettings.handler(({ input }) => changeSettings(library, input)),
    info: os.app.info.handler(info),
    setSlots: os.app.setSlots.handler(({ input }) => {
      scheduler.setSlots(input.slots)
      return info()
    }),
  }
}
