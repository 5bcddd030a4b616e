import { shallowRef, toValue, watch } from 'vue'
import type { MaybeRefOrGetter, ShallowRef } from 'vue'
import { messageOf } from '../../api.ts'
import { useSampleImages } from '../../stores/sample-images.ts'
import type { Decoded } from '../../stores/sample-images.ts'

export interface GridImage {
  /** What is drawn: the grid asked for, or the one before it until that is there. */
  shown: ShallowRef<Decoded | null>
  /** Hash of what is drawn. */
  hash: ShallowRef<string | null>
  problem: ShallowRef<string | null>
}

/** The decoded grid of a hash that changes quickly: the newest one wins, and nothing flickers on the way. */
export function useGridImage(wanted: MaybeRefOrGetter<string | null>): GridImage {
  const images = useSampleImages()
  const shown = shallowRef<Decoded | null>(null)
  const hash = shallowRef<string | null>(null)
  const problem = shallowRef<string | null>(null)
  const put = (h: string, decoded: Decoded) => {
    shown.value = decoded
    hash.value = h
    problem.value = null
  }
  watch(
    () => toValue(wanted),
    (h) => {
      if (h === null) {
        shown.value = hash.value = null
        return
      }
      const here = images.peek(h)
      if (here) return put(h, here)
      images.get(h).then(
        (decoded) => toValue(wanted) === h && put(h, decoded),
        (error: unknown) => toValue(wanted) === h && (problem.value = messageOf(error)),
      )
    },
    { immediate: true },
  )
  return { shown, hash, problem }
}
