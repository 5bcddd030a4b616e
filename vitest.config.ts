import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { nuxtUi } from './src/renderer/nuxt-ui.config.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          root,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          include: ['test/**/*.test.ts'],
          exclude: ['test/renderer/**', '**/node_modules/**'],
        },
      },
      {
        plugins: [vue(), nuxtUi(root)],
        test: {
          name: 'renderer',
          root,
          include: ['test/renderer/**/*.test.ts'],
          environment: 'happy-dom',
          setupFiles: ['test/renderer/setup.ts'],
        },
      },
    ],
  },
})
