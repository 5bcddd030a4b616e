import { setCustomIconsLoader } from '@iconify/vue'

/** Icons are compiled in; one that is missing shows as missing, and is never asked of the icon set's public service. */
export function onlyLocalIcons() {
  setCustomIconsLoader((names, prefix) => {
    console.warn(`Icons that were not compiled in: ${prefix}:${names.join(',')}.`)
    return null
  }, 'lucide')
}
