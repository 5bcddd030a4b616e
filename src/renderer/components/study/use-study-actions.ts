import type { Study } from '../../../shared/api.ts'
import type { StudyDefinition } from '../../../shared/studies.ts'
import { useRunActions } from '../../run-actions.ts'
import { useStudies } from '../../stores/studies.ts'
import { resultsTexts } from '../../texts/results.ts'
import { useToast } from '../../ui.ts'
import { confirm } from '../confirm.ts'

const t = resultsTexts.study

/** What a person can do to studies: it asks where it must, and says what went wrong. */
export function useStudyActions() {
  const studies = useStudies()
  const toast = useToast()
  const { failed } = useRunActions()

  function told(name: string, queued: number) {
    const description = queued ? t.startedText(queued) : t.nothingMissing
    toast.add({ title: t.started(name), description, icon: 'i-lucide-flask-conical', color: 'success' })
  }
  async function start(study: Study) {
    try {
      told(study.name, await studies.start(study.id))
    } catch (error) {
      failed(t.notStarted, error)
    }
  }
  /** @throws what the core refuses. */
  async function saveAndStart(definition: StudyDefinition) {
    told(definition.name, await studies.saveAndStart(definition))
  }
  async function remove(study: Study) {
    const { title, text, confirm: yes } = t.removal
    if (!(await confirm({ title: title(study.name), text, confirm: yes }))) return
    try {
      await studies.remove(study.id)
    } catch (error) {
      failed(t.removal.failed, error)
    }
  }
  return { start, saveAndStart, remove, failed }
}
