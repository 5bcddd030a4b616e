import { useEventListener } from '@vueuse/core'
import { watch } from 'vue'
import type { RouteLocationNormalizedLoaded } from 'vue-router'
import { useRoute, useRouter } from 'vue-router'
import { NoticeSum, watchHappenings } from '../../../shared/notices.ts'
import type { Notice } from '../../../shared/notices.ts'
import { useApp } from '../../stores/app.ts'
import { useRuns } from '../../stores/runs.ts'
import { useSettings } from '../../stores/settings.ts'
import { closeSystemNotice, showSystemNotice } from '../../system-notices.ts'
import { texts } from '../../texts.ts'
import { useToast } from '../../ui.ts'

const TOAST = 'atelier-notice'
const TOAST_MS = 12_000

/** The runs that a page shows, by its address. */
export function shownRuns(route: Pick<RouteLocationNormalizedLoaded, 'params' | 'query'>): ReadonlySet<string> {
  const { run, runs } = route.query
  const names = [route.params.id, run, ...String(runs ?? '').split(',')]
  return new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))
}

/**
 * Says what happens to runs that the user isn't looking at: by a toast in the window, and by a notification of the browser
 * while the window isn't in front, if the user wants that. There is one of each at a time; it grows until it is seen.
 */
export function useNotices() {
  const runs = useRuns()
  const settings = useSettings()
  const app = useApp()
  const toast = useToast()
  const route = useRoute()
  const router = useRouter()
  const happenings = watchHappenings()
  const [inWindow, outside] = [new NoticeSum(), new NoticeSum()]
  let toasts = 0

  const isInFront = () => document.visibilityState === 'visible' && document.hasFocus()
  const go = (notice: Notice) => void router.push(notice.runId === null ? '/runs' : `/runs/${notice.runId}`)

  function showToast(notice: Notice) {
    toast.add({
      id: TOAST,
      title: notice.title,
      description: notice.body,
      icon: notice.isBad ? 'i-lucide-triangle-alert' : 'i-lucide-circle-check',
      color: notice.isBad ? 'warning' : 'success',
      // A toast that grows starts its time anew only if that changes.
      duration: TOAST_MS + (toasts++ % 2),
      actions: [
        {
          label: notice.runId === null ? texts.notices.openRuns : texts.notices.openRun,
          color: 'neutral',
          variant: 'outline',
          onClick: () => go(notice),
        },
      ],
      'onUpdate:open': (open: boolean) => {
        if (!open) inWindow.seen()
      },
    })
  }

  watch(
    () => runs.byId,
    (now, before) => {
      const changed = [...now.values()].filter((run) => before?.get(run.id) !== run)
      const removed = [...(before?.keys() ?? [])].filter((id) => !now.has(id))
      const news = happenings({ changed, removed })
      if (!news.length) return
      const front = isInFront()
      const shown = front ? shownRuns(route) : new Set()
      const notice = inWindow.add(news.filter(({ run }) => !shown.has(run.id)))
      if (notice) showToast(notice)
      if (front || app.info?.platform !== 'browser' || !settings.values?.notify) return
      const out = outside.add(news)
      if (out) showSystemNotice(out, () => go(out))
    },
    { immediate: true },
  )
  useEventListener(window, 'focus', () => {
    outside.seen()
    closeSystemNotice()
  })
}
