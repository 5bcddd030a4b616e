import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { Artifact, Classification } from '../../../shared/results.ts'
import { messageOf } from '../../api.ts'
import { useArtifactFiles } from '../../stores/artifact-files.ts'
import { useDatasets } from '../../stores/datasets.ts'
import { useTestImages } from '../../stores/test-images.ts'
import { classificationTexts as texts } from './texts.ts'

export interface Predictions {
  /** Class of each test image and what it was taken for; null until `load` is through. */
  known: ShallowRef<{ actual: Uint8Array; predicted: Uint8Array } | null>
  /** Why the images can't be found: said before anything is loaded where it is known by then. */
  problem: ComputedRef<string | null>
  loading: ShallowRef<boolean>
  load(): Promise<void>
}

/** What each test image is and was taken for, fetched when first asked for. */
export function usePredictions(result: () => Classification, predictions: () => Artifact | null): Predictions {
  const datasets = useDatasets()
  const files = useArtifactFiles()
  const images = useTestImages()
  const known = shallowRef<{ actual: Uint8Array; predicted: Uint8Array } | null>(null)
  const failure = shallowRef<string | null>(null)
  const loading = shallowRef(false)

  const problem = computed(() => {
    const { dataset: id, count } = result()
    const set = datasets.byId.get(id)
    if (!predictions()) return texts.noPredictions
    if (datasets.loaded && !set) return texts.noDataset(id)
    if (set && set.state !== 'ready') return texts.notReady(id)
    if (set && set.testCount !== count) return texts.changed(set.testCount, count)
    return failure.value
  })
  watch(
    () => predictions()?.hash,
    () => (known.value = failure.value = null),
  )
  async function load() {
    const artifact = predictions()
    if (known.value || loading.value || problem.value || !artifact) return
    loading.value = true
    try {
      const { dataset, count } = result()
      const [predicted, actual] = await Promise.all([files.get(artifact.hash), images.of(dataset).labels(count)])
      if (predictions()?.hash === artifact.hash) known.value = { actual, predicted }
    } catch (error) {
      failure.value = messageOf(error)
    } finally {
      loading.value = false
    }
  }
  return { known, problem, loading, load }
}
