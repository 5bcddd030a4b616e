// The arrows of the house point one way: renderer → shared ← main, ml → shared. main starts ml/worker
// as a process and never imports it; only main/desktop may import electron.
const layer = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to })

module.exports = {
  forbidden: [
    layer('shared-imports-nothing-of-ours', { path: '^src/shared/' }, { path: '^src/(?!shared/)' }),
    layer(
      'shared-is-portable',
      { path: '^src/shared/', pathNot: '^src/shared/(event-log|png).ts$' },
      { dependencyTypes: ['core'] },
      'shared runs in the window too',
    ),
    layer('renderer-knows-only-shared', { path: '^src/renderer/' }, { path: '^src/(?!shared/|renderer/)' }),
    layer('ml-knows-only-shared', { path: '^src/ml/' }, { path: '^src/(?!shared/|ml/)' }),
    layer(
      'ml-has-no-database-and-no-shell',
      { path: '^src/ml/' },
      { path: 'node_modules/(better-sqlite3|electron|ws)/' },
    ),
    layer('main-starts-ml-as-a-process', { path: '^src/main/' }, { path: '^src/(ml|renderer)/' }),
    layer(
      'only-desktop-imports-electron',
      { path: '^src/(?!main/desktop/)' },
      { path: 'node_modules/electron/|^electron$' },
    ),
    layer(
      'only-the-engine-opens-tensorflow',
      { path: '^src/ml/(?!engine/)' },
      { path: 'node_modules/@tensorflow/tfjs-(node|backend)' },
    ),
    layer('no-circles', {}, { circular: true }),
    layer('resolvable', {}, { couldNotResolve: true, pathNot: '^electron$|^virtual:|^#' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
