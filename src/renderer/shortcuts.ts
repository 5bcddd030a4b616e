import { useEventListener } from '@vueuse/core'
import { useRouter } from 'vue-router'
import { places } from './places.ts'

/** Time for the second key of "G R", in ms. */
const CHORD = 1_200

/** True where a key press is text: no single-key shortcut may fire there. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null
}

/** The shortcuts that hold everywhere: Ctrl/⌘-K for the palette, G and a letter to go somewhere. */
export function useShortcuts(actions: { openPalette: () => void }) {
  const router = useRouter()
  let pressedG = 0
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    const key = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === 'k') {
      event.preventDefault()
      actions.openPalette()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector('[role="dialog"][data-state="open"]')) return
    const place = places.find((p) => p.key === key)
    if (place && Date.now() - pressedG < CHORD) {
      event.preventDefault()
      pressedG = 0
      void router.push(place.to)
      return
    }
    pressedG = key === 'g' ? Date.now() : 0
  })
}
