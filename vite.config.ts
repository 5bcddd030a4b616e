import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { nuxtUi } from './src/renderer/nuxt-ui.config.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Where `npm run dev` finds the core; the window itself always talks to its own origin. */
const core = process.env.ATELIER_SERVE ?? 'http://127.0.0.1:7333'

export default defineConfig({
  root: path('./src/renderer'),
  // Relative, so that the same files work under http://, app:// and any sub-path.
  base: './',
  plugins: [vue(), nuxtUi(path('.'))],
  build: {
    outDir: path('./dist/renderer'),
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and images stay files: a strict content security policy has no room for data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: '127.0.0.1',
    // A pattern: the bare prefix would take the module /api.ts too.
    proxy: { '^/api$': { target: core, ws: true, changeOrigin: true, rewriteWsOrigin: true } },
  },
})
