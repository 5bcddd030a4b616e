import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  confirm: string
}

/** The question that is open, and what takes its answer; the shell shows it. */
export const asked = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

/** Asks before what cannot be undone. Resolves with the answer; closing the dialog is a no. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer(yes) {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
