import { texts } from './texts.ts'

/** Where a person can go; the side bar, the shortcuts and the command palette show the same list. */
export const places = [
  { name: 'runs', to: '/runs', label: texts.places.runs, icon: 'i-lucide-list', key: '1' },
  { name: 'launch', to: '/launch', label: texts.places.launch, icon: 'i-lucide-rocket', key: '2' },
  { name: 'compare', to: '/compare', label: texts.places.compare, icon: 'i-lucide-columns-2', key: '3' },
  { name: 'results', to: '/results', label: texts.places.results, icon: 'i-lucide-table-2', key: '4' },
  { name: 'data', to: '/data', label: texts.places.data, icon: 'i-lucide-images', key: '5' },
  { name: 'plane', to: '/plane', label: texts.places.plane, icon: 'i-lucide-chart-scatter', key: '6' },
  { name: 'divergences', to: '/divergences', label: texts.places.divergences, icon: 'i-lucide-chart-spline', key: '7' },
] as const

/** Pages that are reached from where they belong, and by the command palette. */
export const sidePlaces = [
  { to: '/bin', label: texts.bin.title, icon: 'i-lucide-trash-2' },
  { to: '/settings', label: texts.settings.title, icon: 'i-lucide-settings' },
] as const
