import './start.ts'
import ui from '@nuxt/ui/vue-plugin'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { connection } from './api.ts'
import App from './App.vue'
import { router } from './router.ts'
import './styles.css'

// Only now: a bundler is free to run modules in another order, and the address must have given up its token first.
connection.start()
createApp(App).use(createPinia()).use(router).use(ui).mount('#app')
