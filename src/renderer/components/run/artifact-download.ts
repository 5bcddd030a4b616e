import { ref } from 'vue'
import { safetensorsType } from '../../../shared/results.ts'
import type { Artifact } from '../../../shared/results.ts'
import type { Run } from '../../../shared/run.ts'
import { api } from '../../api.ts'
import { fileName, saveFile } from '../../charts/export.ts'
import { useRunActions } from '../../run-actions.ts'
import { runTexts } from './texts.ts'

/** The ending of a file's name by what it holds. */
export const extensionOf = (mediaType: string): string =>
  ({ [safetensorsType]: 'safetensors', 'application/json': 'json', 'text/csv': 'csv', 'image/png': 'png' })[
    mediaType
  ] ?? 'bin'

/** Saves artifacts of a run as files; `busy` names the one that is on its way. */
export function useArtifactDownload(run: () => Run) {
  const actions = useRunActions()
  const busy = ref<string | null>(null)
  async function download(artifact: Artifact): Promise<void> {
    busy.value = artifact.name
    try {
      const file = await api.artifacts.download({ hash: artifact.hash })
      saveFile(fileName([run().name, artifact.name], extensionOf(artifact.mediaType)), file)
    } catch (error) {
      actions.failed(runTexts.artifacts.failed, error)
    } finally {
      busy.value = null
    }
  }
  return { busy, download }
}
