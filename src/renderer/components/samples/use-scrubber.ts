import { usePreferredReducedMotion } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, Ref, ShallowRef } from 'vue'
import { movedBy, nearestIndex } from './scrubbing.ts'
import type { ScrubKey } from './scrubbing.ts'

export interface Scrubber {
  stops: ComputedRef<readonly number[]>
  /** Index of the stop shown, -1 without stops. */
  index: ComputedRef<number>
  place: ComputedRef<number>
  /** Stays on the last stop while stops are added. */
  following: ComputedRef<boolean>
  playing: Readonly<ShallowRef<boolean>>
  /** Grids a second. */
  speed: Ref<number>
  goTo(index: number): void
  goToPlace(place: number): void
  follow(on: boolean): void
  togglePlay(): void
  press(key: ScrubKey): void
}

export const speeds = [1, 2, 4, 8, 16]

/** A position among stops that may grow while it is moved; without a choice it follows the newest. */
export function useScrubber(source: MaybeRefOrGetter<readonly number[]>): Scrubber {
  const stops = computed(() => toValue(source))
  /** Null: the newest. */
  const chosen = ref<number | null>(null)
  const playing = shallowRef(false)
  const reduced = usePreferredReducedMotion()
  const speed = ref(reduced.value === 'reduce' ? 1 : 4)
  const last = computed(() => stops.value.length - 1)
  const index = computed(() => (chosen.value === null ? last.value : nearestIndex(stops.value, chosen.value)))
  const place = computed(() => stops.value[index.value] ?? 0)
  let timer: ReturnType<typeof setInterval> | undefined

  function goTo(i: number) {
    const at = Math.min(last.value, Math.max(0, i))
    chosen.value = at === last.value && !playing.value ? null : (stops.value[at] ?? null)
  }
  function halt() {
    clearInterval(timer)
    playing.value = false
  }
  function run() {
    clearInterval(timer)
    timer = setInterval(() => {
      if (index.value >= last.value) {
        halt()
        chosen.value = null
      } else goTo(index.value + 1)
    }, 1000 / speed.value)
  }
  function togglePlay() {
    if (playing.value) return halt()
    if (last.value < 1) return
    playing.value = true
    if (index.value >= last.value) goTo(0)
    run()
  }
  watch(speed, () => playing.value && run())
  onScopeDispose(halt)

  return {
    stops,
    index,
    place,
    following: computed(() => chosen.value === null),
    playing,
    speed,
    goTo(i) {
      halt()
      goTo(i)
    },
    goToPlace(at) {
      halt()
      goTo(nearestIndex(stops.value, at))
    },
    follow(on) {
      halt()
      chosen.value = on ? null : place.value
    },
    togglePlay,
    press(key) {
      if (key === 'play') return togglePlay()
      if (key === 'mark' || last.value < 0) return
      halt()
      goTo(movedBy(key, index.value, stops.value.length))
    },
  }
}
