import { texts } from './texts.ts'

/** Where a person can go; the side bar, the shortcuts and the command palette show the same list. */
export const places = [
  { name: 'runs', to: '/runs', label: texts.places.runs, icon: 'i-lucide-list', keys: 'G R', key: 'r' },
  { name: 'launch', to: '/launch', label: texts.places.launch, icon: 'i-lucide-rocket', keys: 'G L', key: 'l' },
  { name: 'compare', to: '/compare', label: texts.places.compare, icon: 'i-lucide-columns-2', keys: 'G C', key: 'c' },
  { name: 'data', to: '/data', label: texts.places.data, icon: 'i-lucide-images', keys: 'G D', key: 'd' },
] as const
