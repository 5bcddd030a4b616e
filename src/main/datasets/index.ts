export { DatasetNotFoundError, DatasetRequestError, DatasetService } from './service.ts'
