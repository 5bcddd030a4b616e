import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { artifactNames } from '../../../shared/results.ts'
import type { Artifact } from '../../../shared/results.ts'
import type { Run } from '../../../shared/run.ts'
import { messageOf } from '../../api.ts'
import { useArtifactFiles } from '../../stores/artifact-files.ts'
import { useDatasets } from '../../stores/datasets.ts'
import { useTestImages } from '../../stores/test-images.ts'
import { hasDecoder, readDecoder } from './decoder.ts'
import type { Decoder } from './decoder.ts'
import { readFeatures } from './features.ts'
import type { Features } from './features.ts'
import { latentTexts as texts } from './texts.ts'

const find = (artifacts: readonly Artifact[], name: string) => artifacts.find((a) => a.name === name) ?? null

/** A file that a ref follows: read whenever the artifact's hash changes, with what was wrong instead. */
function useFile<T>(artifact: () => Artifact | null, read: (file: Uint8Array) => T) {
  const files = useArtifactFiles()
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<string | null>(null)
  watch(
    () => artifact()?.hash ?? null,
    async (hash) => {
      value.value = problem.value = null
      if (!hash) return
      try {
        const file = await files.get(hash)
        if (artifact()?.hash === hash) value.value = read(file)
      } catch (error) {
        if (artifact()?.hash === hash) problem.value = messageOf(error)
      }
    },
    { immediate: true },
  )
  return { value, problem }
}

/** The features of a run's test images. */
export function useFeatures(artifacts: () => readonly Artifact[]) {
  const artifact = computed(() => find(artifacts(), artifactNames.features))
  const { value: features, problem } = useFile(() => artifact.value, readFeatures)
  return { artifact, features, problem }
}

export interface Labels {
  /** A class for each point; 255 where it is not known (yet). */
  labels: ShallowRef<Uint8Array>
  loading: ShallowRef<boolean>
  /** Why there are neither classes nor pictures. */
  problem: ComputedRef<string | null>
}

/** The classes of the test images that the features are of. */
export function useLabels(dataset: () => string, features: () => Features | null): Labels {
  const datasets = useDatasets()
  const images = useTestImages()
  const labels = shallowRef(new Uint8Array(0))
  const loading = shallowRef(false)
  const failure = shallowRef<string | null>(null)
  const problem = computed(() => {
    const [id, wanted] = [dataset(), features()]
    const set = datasets.byId.get(id)
    if (datasets.loaded && !set) return texts.noDataset(id)
    if (set && set.state !== 'ready') return texts.notReady(id)
    if (set && wanted && set.testCount !== wanted.count) return texts.changed(set.testCount, wanted.count)
    return failure.value
  })
  watch(
    () => [features(), datasets.loaded && problem.value === null] as const,
    async ([wanted, isThere]) => {
      if (!wanted) return
      labels.value = new Uint8Array(wanted.count).fill(255)
      if (!isThere) return
      const isWanted = () => features() === wanted
      loading.value = true
      try {
        await images.of(dataset()).labels(wanted.count, (known) => isWanted() && (labels.value = known.slice()))
      } catch (error) {
        if (isWanted()) failure.value = messageOf(error)
      } finally {
        loading.value = false
      }
    },
    { immediate: true },
  )
  return { labels, loading, problem }
}

export interface DecoderState {
  decoder: ComputedRef<Decoder | null>
  problem: ComputedRef<string | null>
}

/** The decoder that draws from the features' codes, and why there is none. */
export function useDecoder(
  run: () => Run | null,
  artifacts: () => readonly Artifact[],
  features: () => Features | null,
): DecoderState {
  const fits = computed(() => {
    const kind = run()?.kind
    return kind === undefined || hasDecoder(kind)
  })
  const artifact = computed(() => (fits.value ? find(artifacts(), artifactNames.model) : null))
  const { value, problem: unread } = useFile(() => artifact.value, readDecoder)
  const differs = computed(() => {
    const [d, f] = [value.value, features()]
    return d && f && d.latent !== f.dims ? texts.latentDiffers(d.latent, f.dims) : null
  })
  const problem = computed(() => {
    if (!fits.value) return texts.notThisKind
    if (!artifact.value) return texts.noModel
    if (unread.value) return `${texts.modelFailed}. ${unread.value}`
    return differs.value
  })
  return { decoder: computed(() => (differs.value ? null : value.value)), problem }
}
