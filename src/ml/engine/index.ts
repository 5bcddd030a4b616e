export { openEngine } from './open.ts'
export type { Engine, EnginePreference, OpenOptions, Tf } from './open.ts'
