import { onlyLocalIcons } from '../../src/renderer/icons.ts'

// Component tests compile no icons in; nothing may be fetched for them either.
const { warn } = console
console.warn = (...args: unknown[]) => {
  if (!String(args[0]).startsWith('Icons that were not compiled in')) warn(...args)
}
onlyLocalIcons()
