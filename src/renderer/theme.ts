import { useColorMode } from '@vueuse/core'
import type { Ref } from 'vue'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const mode = useColorMode<Theme>({ disableTransition: true })

/** What the person chose: follow the system, light or dark. Kept in the browser's storage. */
export const theme = mode.store as Ref<Theme>

/** What is shown: charts and canvases draw by it. */
export const shownTheme = mode.state as Readonly<Ref<'light' | 'dark'>>
