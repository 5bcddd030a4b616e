import { createRouter, createWebHashHistory } from 'vue-router'
import RunsView from './views/RunsView.vue'

/** Hash history: the same addresses work under http://, app:// and any sub-path, with nothing to rewrite on a server. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/runs' },
    { path: '/runs', name: 'runs', component: RunsView, meta: { title: 'Runs' } },
    { path: '/bin', name: 'bin', component: () => import('./views/BinView.vue'), meta: { title: 'Bin' } },
    {
      path: '/runs/:id',
      name: 'run',
      component: () => import('./views/RunView.vue'),
      props: true,
      meta: { title: 'Run' },
    },
    {
      path: '/runs/:id/latent',
      name: 'latent',
      component: () => import('./views/LatentView.vue'),
      props: true,
      meta: { title: 'Latent space' },
    },
    /** `?from=<run>` starts from that run's parameters, `?kind=…&preset=…` from a preset. */
    { path: '/launch', name: 'launch', component: () => import('./views/LaunchView.vue'), meta: { title: 'Launch' } },
    /** `?runs=<id>,<id>`. */
    {
      path: '/compare',
      name: 'compare',
      component: () => import('./views/CompareView.vue'),
      meta: { title: 'Compare' },
    },
    {
      path: '/results',
      name: 'results',
      component: () => import('./views/ResultsView.vue'),
      meta: { title: 'Results' },
    },
    /** `?run=<id>` shows a run, `?from=<id>` starts from one's parameters. */
    { path: '/plane', name: 'plane', component: () => import('./views/PlaneView.vue'), meta: { title: 'Plane' } },
    /** `?runs=<id>,<id>`. */
    {
      path: '/plane/compare',
      name: 'plane-compare',
      component: () => import('./views/PlaneCompareView.vue'),
      meta: { title: 'Plane, side by side' },
    },
    /** `?run=<id>` shows a run. */
    {
      path: '/divergences',
      name: 'divergences',
      component: () => import('./views/DivergencesView.vue'),
      meta: { title: 'Divergences' },
    },
    {
      path: '/data/:id?',
      name: 'data',
      component: () => import('./views/DataView.vue'),
      props: true,
      meta: { title: 'Data' },
    },
    {
      path: '/settings',
      name: 'settings',
      component: () => import('./views/SettingsView.vue'),
      meta: { title: 'Settings' },
    },
    { path: '/:rest(.*)*', redirect: '/runs' },
  ],
})

router.afterEach((to) => {
  document.title = `${String(to.meta.title ?? '')} · Atelier`
})
