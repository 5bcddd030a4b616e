import { useLocalStorage } from '@vueuse/core'
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { divergencesEn } from '../../texts/divergences.en.ts'
import type { DivergencesTexts } from '../../texts/divergences.en.ts'
import { divergencesHe } from '../../texts/divergences.he.ts'

export const languages: readonly DivergencesTexts[] = [divergencesEn, divergencesHe]

/** The language of this page, kept in the browser's storage; whatever else stands there means English. */
export const language = useLocalStorage('atelier:divergences-language', divergencesEn.language.code)

const texts = computed(() => languages.find((l) => l.language.code === language.value) ?? divergencesEn)
export const useTexts = (): ComputedRef<DivergencesTexts> => texts
