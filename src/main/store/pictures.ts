import type { Database, Statement } from 'better-sqlite3'
import type { FrameCount } from '../../shared/api.ts'
import type { Change } from '../../shared/run.ts'
import type { z } from 'zod'

/** Never more than this in one answer. */
const MOST_BYTES = 8 << 20

interface ChangeRow {
  step: number
  time: number
  params: string
}

const toChange = (row: ChangeRow): Change => ({ ...row, params: JSON.parse(row.params) as Change['params'] })

/** The pictures (frames) of runs step by step, and the live parameters that were changed; in the caller's transaction. */
export class Pictures {
  private readonly putFrame: Statement<[number, number, number, Uint8Array]>
  private readonly putChange: Statement<[number, number, number, string]>
  private readonly cutFrames: Statement<[number, number]>
  private readonly cutChanges: Statement<[number, number]>
  private readonly allSteps: Statement<[number], number>
  private readonly allChanges: Statement<[number], ChangeRow>
  private readonly counted: Statement<[number], { count: number; lastStep: number | null }>
  private readonly some: Statement<[number, number, number, number], { data: Buffer }>

  constructor(db: Database) {
    this.putFrame = db.prepare('INSERT OR REPLACE INTO frames (run, step, time, data) VALUES (?, ?, ?, ?)')
    this.putChange = db.prepare('INSERT OR REPLACE INTO changes (run, step, time, params) VALUES (?, ?, ?, ?)')
    this.cutFrames = db.prepare('DELETE FROM frames WHERE run = ? AND step > ?')
    this.cutChanges = db.prepare('DELETE FROM changes WHERE run = ? AND step > ?')
    this.allSteps = db.prepare('SELECT step FROM frames WHERE run = ? ORDER BY step').pluck() as never
    this.allChanges = db.prepare('SELECT step, time, params FROM changes WHERE run = ? ORDER BY step')
    this.counted = db.prepare('SELECT count(*) AS count, max(step) AS lastStep FROM frames WHERE run = ?')
    this.some = db.prepare('SELECT data FROM frames WHERE run = ? AND step BETWEEN ? AND ? ORDER BY step LIMIT ?')
  }

  /** A later picture of a step replaces the earlier one. */
  frame(run: number, step: number, time: number, data: Uint8Array): void {
    this.putFrame.run(run, step, time, data)
  }

  /** Changes of one step add up. */
  change(run: number, { step, time, params }: Change): Change {
    const before = this.allChanges.all(run).find((change) => change.step === step)
    const all = { ...(before ? toChange(before).params : {}), ...params }
    this.putChange.run(run, step, time, JSON.stringify(all))
    return { step, time, params: all }
  }

  /** Takes back what came after `step`. Returns whether there was anything. */
  cut(run: number, step: number): boolean {
    return this.cutFrames.run(run, step).changes + this.cutChanges.run(run, step).changes > 0
  }

  steps(run: number): number[] {
    return this.allSteps.all(run)
  }

  changes(run: number): Change[] {
    return this.allChanges.all(run).map(toChange)
  }

  count(run: number): z.infer<typeof FrameCount> {
    return this.counted.get(run)!
  }

  /** Pictures of steps in a range: u32 length | bytes, one after the other; as many as fit into 8 MiB, at least one. */
  read(run: number, from: number, to: number, limit: number): Uint8Array<ArrayBuffer> {
    const found: Buffer[] = []
    let size = 0
    for (const { data } of this.some.iterate(run, from, to, limit)) {
      if (found.length > 0 && size + 4 + data.length > MOST_BYTES) break
      found.push(data)
      size += 4 + data.length
    }
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    let at = 0
    for (const data of found) {
      view.setUint32(at, data.length, true)
      bytes.set(data, at + 4)
      at += 4 + data.length
    }
    return bytes
  }
}
