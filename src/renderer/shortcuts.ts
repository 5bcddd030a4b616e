import { useEventListener } from '@vueuse/core'
import { useRouter } from 'vue-router'
import { places } from './places.ts'

/** True where a key press is text: no single-key shortcut may fire there. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null
}

/** A dialog, a menu or an open list has the keyboard to itself. */
const isCovered = () =>
  document.querySelector('[data-state="open"]:is([role="dialog"], [role="menu"], [role="listbox"])') !== null

/** The shortcuts that hold everywhere: Ctrl/⌘-K for the palette, a digit for each place. */
export function useShortcuts(actions: { openPalette: () => void }) {
  const router = useRouter()
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      actions.openPalette()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (isTyping(event.target) || isCovered()) return
    const place = places.find((p) => p.key === event.key)
    if (!place) return
    event.preventDefault()
    void router.push(place.to)
  })
}
