import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { formatValue } from '../../charts/formats.ts'
import { planeTexts as texts } from '../../texts/plane.ts'
import { fromX, fromY, toX, toY } from './painting.ts'
import type { Box } from './painting.ts'

export interface Crosshair {
  /** Where it stands on the plane, or null. */
  at: ShallowRef<{ x: number; y: number } | null>
  /** The same in pixels of the picture. */
  place: ComputedRef<{ left: number; top: number } | null>
  words: ComputedRef<string>
  /** Reads the value anew, as the map has changed. */
  read(): void
  onPointer(event: PointerEvent): void
  onKey(event: KeyboardEvent): void
}

/**
 * Reads the map under the pointer, or under a place that the arrow keys move.
 * @param valueAt the map's value at a point of the plane; null where there is none
 */
export function useCrosshair(box: () => Box, valueAt: (x: number, y: number) => number | null): Crosshair {
  const at = shallowRef<{ x: number; y: number } | null>(null)
  const value = shallowRef<number | null>(null)
  function read() {
    value.value = at.value && valueAt(at.value.x, at.value.y)
  }
  function move(x: number, y: number) {
    at.value = { x, y }
    read()
  }
  return {
    at,
    place: computed(() => at.value && { left: toX(box(), at.value.x), top: toY(box(), at.value.y) }),
    words: computed(() => {
      const coordinate = (v: number) => v.toFixed(2).replace('-', '−')
      if (!at.value) return ''
      const { x, y } = at.value
      return texts.hover(coordinate(x), coordinate(y), value.value === null ? '–' : formatValue(value.value))
    }),
    read,
    onPointer(event) {
      const [x, y] = [fromX(box(), event.offsetX), fromY(box(), event.offsetY)]
      if (Math.max(Math.abs(x), Math.abs(y)) <= box().extent) move(x, y)
      else at.value = null
    },
    onKey(event) {
      if (event.key === 'Escape') at.value = null
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      event.stopPropagation()
      const pace = event.shiftKey ? 0.2 : 0.05
      const { extent } = box()
      const within = (v: number) => Math.max(-extent, Math.min(extent, v))
      const from = at.value ?? { x: 0, y: 0 }
      move(within(from.x + by[0]! * pace), within(from.y + by[1]! * pace))
    },
  }
}
