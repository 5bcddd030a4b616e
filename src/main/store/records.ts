import type { Database } from 'better-sqlite3'
import { sampleColumns, toCheckpoint, toSample } from './rows.ts'
import type { CheckpointRow, LogRow, SampleRow } from './rows.ts'

/** Reads what runs have recorded beside their series: samples, checkpoints, the log; runs by their keys. */
export class Records {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  samples(run: number) {
    return this.db
      .prepare<[number], SampleRow>(`SELECT ${sampleColumns} WHERE samples.run = ? ORDER BY samples.step, samples.name`)
      .all(run)
      .map(toSample)
  }

  checkpoints(run: number) {
    return this.db
      .prepare<[number], CheckpointRow>(
        `SELECT checkpoints.step, checkpoints.epoch, checkpoints.time, checkpoints.name, blobs.bytes, blobs.hash
         FROM checkpoints JOIN blobs ON blobs.id = checkpoints.blob
         WHERE checkpoints.run = ? ORDER BY checkpoints.step`,
      )
      .all(run)
      .map(toCheckpoint)
  }

  log(run: number, after: number, limit: number) {
    return this.db
      .prepare<[number, number, number], LogRow>(
        'SELECT seq, time, level, message FROM log WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?',
      )
      .all(run, after, limit)
  }
}
