import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

/** Long enough that a pointer which only passes over opens nothing, and can reach what it has opened. */
const OPEN_MS = 120
const CLOSE_MS = 220

/**
 * What is open beside a table's cell. The pointer or the keyboard's focus on a cell open it and take it along; a click
 * or Enter pins it and moves the focus in, Escape closes it and brings the focus back.
 */
export function useLook(root: Ref<HTMLElement | null>) {
  const key = ref<string | null>(null)
  const element = shallowRef<HTMLElement | null>(null)
  const open = ref(false)
  const pinned = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let escaped = false

  function later(work: () => void, ms: number) {
    clearTimeout(timer)
    timer = setTimeout(work, ms)
  }
  function close() {
    clearTimeout(timer)
    open.value = false
    pinned.value = false
  }
  function at(cell: string, where: HTMLElement, pin: boolean) {
    if (pin && pinned.value && key.value === cell) return close()
    // What is pinned stays; and the focus that Escape brings back must not open anew what it closed.
    if (!pin && (pinned.value || escaped)) return
    const show = () => {
      key.value = cell
      element.value = where
      pinned.value = pin
      open.value = true
      if (pin) requestAnimationFrame(() => panel()?.querySelector<HTMLElement>('a, button')?.focus())
    }
    clearTimeout(timer)
    // Once one is open, its neighbours open at once.
    if (pin || open.value) show()
    else later(show, OPEN_MS)
  }
  function leave() {
    if (!pinned.value) later(close, CLOSE_MS)
  }
  onScopeDispose(() => clearTimeout(timer))

  const panel = () => document.querySelector<HTMLElement>('[data-look]')
  const content = {
    side: 'bottom' as const,
    align: 'end' as const,
    'data-look': '',
    onOpenAutoFocus: (event: Event) => event.preventDefault(),
    onEscapeKeyDown() {
      escaped = true
    },
    onCloseAutoFocus(event: Event) {
      event.preventDefault()
      if (escaped) element.value?.focus()
      escaped = false
    },
    /** The table's cells open and close by themselves. */
    onInteractOutside(event: CustomEvent<{ originalEvent?: Event }>) {
      const target = event.detail.originalEvent?.target
      if (target instanceof Element && root.value?.contains(target) && target.closest('button')) event.preventDefault()
    },
  }
  return { key, element, open, at, leave, stay: () => clearTimeout(timer), close, content }
}
