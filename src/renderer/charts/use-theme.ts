import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { shownTheme } from '../theme.ts'
import type { Theme } from './chart-setup.ts'

/** The window's colours as a canvas takes them, read again when the theme changes. */
export function useChartTheme(): ComputedRef<Theme & { dark: boolean }> {
  return computed(() => {
    const dark = shownTheme.value === 'dark'
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise
    return {
      dark,
      ink: colour('--ui-text-dimmed', dark ? '#a1a1aa' : '#71717a'),
      faint: colour('--ui-text-muted', dark ? '#a1a1aa' : '#71717a'),
      grid: dark ? 'rgba(255, 255, 255, 0.07)' : 'rgba(0, 0, 0, 0.07)',
      ground: colour('--ui-bg', dark ? '#09090b' : '#ffffff'),
      font: style.fontFamily || 'system-ui, sans-serif',
    }
  })
}
