import ui from '@nuxt/ui/vite'
import type { PluginOption } from 'vite'

/**
 * Nuxt UI as the window and its tests use it: components are imported by name from `ui.ts` (nothing appears by magic),
 * and every icon is compiled in from the local Lucide set, since the window loads nothing from a network.
 */
export function nuxtUi(root: string): PluginOption {
  return ui({
    root,
    components: false,
    autoImport: false,
    colorMode: false,
    icon: {
      clientBundle: { scan: { globInclude: ['src/renderer/**/*.{vue,ts}'], globExclude: [] }, sizeLimitKb: 0 },
    },
    ui: {
      colors: { primary: 'blue', neutral: 'zinc', success: 'emerald', warning: 'amber', error: 'red', info: 'sky' },
      button: { slots: { base: 'cursor-pointer' }, defaultVariants: { size: 'sm' } },
      input: { slots: { root: 'w-full' }, defaultVariants: { size: 'sm' } },
      select: { slots: { base: 'w-full' }, defaultVariants: { size: 'sm' } },
      selectMenu: { slots: { base: 'w-full' }, defaultVariants: { size: 'sm' } },
      textarea: { slots: { root: 'w-full' }, defaultVariants: { size: 'sm' } },
      checkbox: { defaultVariants: { size: 'sm' } },
      modal: {
        slots: { title: 'text-base' },
        variants: { overlay: { true: { overlay: 'bg-black/30 dark:bg-black/60' } } },
      },
    },
  }) as PluginOption
}
