import { useDocumentVisibility, useIntervalFn, usePreferredReducedMotion, useRafFn } from '@vueuse/core'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Recording } from '../../stores/plane-frames.ts'
import { indexAt, placeAt, stepped, ticked, unionOf } from './clock.ts'
import type { Clock } from './clock.ts'
import { iterationAt, iterationParts } from './iteration.ts'
import type { IterationView } from './iteration.ts'

/** What a recording shows at the player's place: a frame, the next one, and how far it is between them. */
export interface Moment {
  a: PlaneFrame
  b: PlaneFrame | null
  part: number
  index: number
  /** The frame of this place is still on its way; an earlier one stands in. */
  waiting: boolean
}

/** Seconds that one iteration takes in slow motion, unless training itself is slower. */
const iterationSeconds = 11

export interface Player {
  /** Where the picture stands, for what is written beside it: brought up to date a dozen times a second. */
  place: Readonly<ShallowRef<number>>
  steps: ComputedRef<readonly number[]>
  mode: Readonly<ShallowRef<Clock['mode']>>
  speed: Ref<number>
  /** One iteration is taken apart into captioned parts. */
  slow: Readonly<ShallowRef<boolean>>
  /** Seconds between two steps of training that is slow enough to be walked through as it goes; null for any other. */
  stepSeconds: ShallowRef<number | null>
  iteration: ComputedRef<IterationView | null>
  /** Pictures a second that were drawn lately. */
  rate: Readonly<ShallowRef<number>>
  goTo(place: number): void
  move(by: number): void
  toEnd(end: 'first' | 'last'): void
  togglePlay(): void
  followNewest(): void
  toggleSlow(): void
  /** For pictures, at every frame of the screen. */
  momentOf(recording: Recording): Moment | null
  /** Calls back at every frame of the screen until the returned function is called. */
  onTick(draw: () => void): () => void
}

/** One place among the recorded steps of one or several runs, and the clock that moves it. */
export function usePlayer(recordings: () => readonly Recording[]): Player {
  const reduced = usePreferredReducedMotion()
  const clock = shallowRef<Clock>({ mode: 'live', place: 0, speed: 30 })
  const speed = ref(reduced.value === 'reduce' ? 5 : 30)
  const slow = shallowRef(false)
  const stepSeconds = shallowRef<number | null>(null)
  const shownPlace = shallowRef(0)
  const rate = shallowRef(0)
  const draws = new Set<() => void>()
  const steps = computed(() =>
    unionOf(recordings().map((recording) => (void recording.version.value, recording.cache.steps))),
  )
  const mode = shallowRef<Clock['mode']>('live')
  let ticks = 0

  function set(next: Clock, now = true) {
    clock.value = next
    mode.value = next.mode
    if (now) shownPlace.value = next.place
  }
  function tick(seconds: number) {
    const walks = slow.value && stepSeconds.value !== null
    // A little faster than training, so that it waits for the next step and never falls behind.
    const pace = walks ? 1.05 / stepSeconds.value! : slow.value ? 1 / iterationSeconds : speed.value
    const before = clock.value
    const next = ticked({ ...before, speed: pace }, seconds, steps.value, walks)
    if (next.place !== before.place || next.mode !== before.mode) set(next, false)
    for (const draw of draws) draw()
    ticks++
  }
  useRafFn(({ delta }) => tick(delta / 1000))
  useIntervalFn(() => {
    if (shownPlace.value !== clock.value.place) shownPlace.value = clock.value.place
  }, 80)
  useIntervalFn(() => {
    rate.value = ticks
    ticks = 0
  }, 1000)
  const visibility = useDocumentVisibility()
  watch(visibility, () => (ticks = 0))

  const player: Player = {
    place: shownPlace,
    steps,
    mode,
    speed,
    slow,
    stepSeconds,
    iteration: computed(() => {
      if (!slow.value || steps.value.length < 2) return null
      const index = indexAt(steps.value, shownPlace.value)
      return iterationAt(index - Math.floor(Math.min(index, steps.value.length - 1.0001)))
    }),
    rate,
    goTo: (place) => set({ ...clock.value, mode: 'still', place }),
    move(by) {
      if (!slow.value) return set(stepped(clock.value, by, steps.value))
      // In slow motion a step is a part of the iteration.
      const parts = iterationParts.length
      const at = indexAt(steps.value, clock.value.place) * parts
      const to = (by > 0 ? Math.floor(at + 1e-6) : Math.ceil(at - 1e-6)) + by
      // Half into the part, where its change can be seen.
      set({ ...clock.value, mode: 'still', place: placeAt(steps.value, (to + (to % parts === 0 ? 0 : 0.02)) / parts) })
    },
    toEnd(end) {
      const all = steps.value
      set({ ...clock.value, mode: 'still', place: (end === 'first' ? all[0] : all.at(-1)) ?? 0 })
    },
    togglePlay() {
      if (clock.value.mode === 'play') return set({ ...clock.value, mode: 'still' })
      const all = steps.value
      if (all.length < 2) return
      const atEnd = clock.value.place >= all.at(-1)!
      set({ ...clock.value, mode: 'play', place: atEnd ? all[slow.value ? all.length - 2 : 0]! : clock.value.place })
    },
    followNewest() {
      slow.value = false
      set({ ...clock.value, mode: 'live' })
    },
    toggleSlow() {
      slow.value = !slow.value
      const all = steps.value
      if (!slow.value) return set({ ...clock.value, mode: 'still' })
      if (all.length < 2) return set({ ...clock.value, mode: 'play' })
      const index = Math.min(Math.floor(indexAt(all, clock.value.place)), all.length - 2)
      set({ ...clock.value, mode: 'play', place: all[index]! })
    },
    momentOf({ cache }) {
      const at = indexAt(cache.steps, clock.value.place)
      const index = Math.floor(at)
      const here = cache.at(index)
      cache.want(index)
      const a = here ?? cache.nearest(index)
      if (!a) return null
      return { a, b: here ? cache.at(index + 1) : null, part: here ? at - index : 0, index, waiting: !here }
    },
    onTick(draw) {
      draws.add(draw)
      return () => draws.delete(draw)
    },
  }
  return player
}
