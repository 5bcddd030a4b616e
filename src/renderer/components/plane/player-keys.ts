import { useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import { isTyping } from '../../shortcuts.ts'
import { layerOfKey } from './layers.ts'
import type { Layers } from './layers.ts'
import type { Player } from './use-player.ts'

/** Does what a key means to the scrubber. @returns whether it means anything */
export function scrubKeys(player: Player, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false
  const page = Math.max(2, Math.round(player.steps.value.length / 10))
  const keys: Record<string, () => void> = {
    ' ': () => player.togglePlay(),
    ArrowLeft: () => player.move(-1),
    ArrowDown: () => player.move(-1),
    ArrowRight: () => player.move(1),
    ArrowUp: () => player.move(1),
    PageDown: () => player.move(-page),
    PageUp: () => player.move(page),
    Home: () => player.toEnd('first'),
    End: () => player.toEnd('last'),
    l: () => player.followNewest(),
    s: () => player.toggleSlow(),
  }
  const act = Object.hasOwn(keys, event.key) ? keys[event.key]! : null
  if (!act) return false
  event.preventDefault()
  act()
  return true
}

/** A control that has keys of its own, or something that covers the page. */
const hasKeys = (target: EventTarget | null) =>
  isTyping(target) ||
  (target instanceof Element &&
    target.closest('button, a, [role="radiogroup"], [role="dialog"], [role="menu"]') !== null)

/** The keys of the picture, wherever on the page the focus is, unless a control there has keys of its own. */
export function usePlayerKeys(player: Player, layers: Ref<Layers>): void {
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (isTyping(event.target)) return
    const layer = layerOfKey(event.key)
    if (layer) {
      event.preventDefault()
      layers.value = { ...layers.value, [layer]: !layers.value[layer] }
      return
    }
    const letter = event.key === 's' || event.key === 'l'
    if (letter || !hasKeys(event.target)) scrubKeys(player, event)
  })
}
