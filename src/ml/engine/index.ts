export { openEngine } from './open.ts'
export { plainEngine } from './plain.ts'
export type { Engine, EnginePreference, OpenOptions, Tf } from './open.ts'
