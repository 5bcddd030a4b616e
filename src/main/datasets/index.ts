export type { DatasetShape } from './service.ts'
export { DatasetNotFoundError, DatasetRequestError, DatasetService } from './service.ts'
