import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, Statement } from 'better-sqlite3'
import { syncFolder } from './database.ts'
import { NotFoundError, damaged } from './errors.ts'

const PART = 1 << 20
/** Tables whose column `blob`, which has an index, refers to contents. */
export const users = ['samples', 'checkpoints', 'artifacts', 'given'] as const

interface BlobRow {
  id: number
  bytes: number
  complete: number
}

/** Contents by their SHA-256: what is stored twice takes its space once. */
export class Blobs {
  private readonly db: Database
  /** Hashes whose intake is under way; a clean-up leaves them alone. */
  private readonly staging = new Set<string>()
  private readonly find: Statement<[Buffer], BlobRow>
  private readonly add: Statement<[Buffer, number, number]>
  private readonly addPart: Statement<[number, number, Uint8Array]>
  private readonly finish: Statement<[number]>
  private readonly parts: Statement<[number], Buffer>
  private readonly part: Statement<[number, number], Buffer>
  private readonly stored: Statement<[number], number>
  private readonly used: Statement<[{ id: number }], number>
  private readonly dropPart: Statement<[{ id: number }]>
  private readonly drop: Statement<[number]>

  constructor(db: Database) {
    this.db = db
    this.find = db.prepare('SELECT id, bytes, complete FROM blobs WHERE hash = ?')
    this.add = db.prepare('INSERT INTO blobs (hash, bytes, complete) VALUES (?, ?, ?)')
    this.addPart = db.prepare('INSERT OR IGNORE INTO blob_parts (blob, part, data) VALUES (?, ?, ?)')
    this.finish = db.prepare('UPDATE blobs SET complete = 1 WHERE id = ?')
    this.parts = db.prepare('SELECT data FROM blob_parts WHERE blob = ? ORDER BY part').pluck() as never
    this.part = db.prepare('SELECT data FROM blob_parts WHERE blob = ? AND part = ?').pluck() as never
    this.stored = db.prepare('SELECT count(*) FROM blob_parts WHERE blob = ?').pluck() as never
    this.used = db
      .prepare(`SELECT ${users.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE blob = @id)`).join(' OR ')}`)
      .pluck() as never
    this.dropPart = db.prepare(
      'DELETE FROM blob_parts WHERE blob = @id AND part = (SELECT max(part) FROM blob_parts WHERE blob = @id)',
    )
    this.drop = db.prepare('DELETE FROM blobs WHERE id = ?')
  }

  /** Stores a content in the caller's transaction. Returns its key and its hash in hex. */
  put(content: Uint8Array): { id: number; hash: string } {
    const hash = createHash('sha256').update(content).digest()
    const found = this.find.get(hash)
    if (found?.complete) return { id: found.id, hash: hash.toString('hex') }
    const id = found?.id ?? Number(this.add.run(hash, content.length, 1).lastInsertRowid)
    for (let part = found ? this.stored.get(id)! : 0; part * PART < Math.max(1, content.length); part++)
      this.addPart.run(id, part, content.subarray(part * PART, (part + 1) * PART))
    if (found) this.finish.run(id)
    return { id, hash: hash.toString('hex') }
  }

  /** The key of a content that is stored whole, or null. */
  key(hash: string): number | null {
    const found = this.find.get(Buffer.from(hash, 'hex'))
    return found?.complete ? found.id : null
  }

  /**
   * Stores a file part by part, each a short transaction of its own; a part that an earlier, cut-off try stored is
   * compared with the file only by the hash of the whole. @throws Error when size or hash are not the expected ones.
   */
  async stage(file: string, expected: { sha256: string; bytes: number }): Promise<void> {
    const pending = this.stageSlices(file, expected)
    this.staging.add(expected.sha256)
    try {
      while (!pending.next().done) await nextTurn()
    } finally {
      this.staging.delete(expected.sha256)
    }
  }

  /** The same in one go, for a caller that has no time to wait; in the caller's transaction if there is one. */
  stageNow(file: string, expected: { sha256: string; bytes: number }): number {
    for (const _ of this.stageSlices(file, expected));
    return this.key(expected.sha256)!
  }

  private *stageSlices(file: string, expected: { sha256: string; bytes: number }): Generator<void> {
    if (this.key(expected.sha256) !== null) return
    const fd = openSync(file, 'r')
    try {
      const { size } = fstatSync(fd)
      if (size !== expected.bytes) throw new Error(`it has ${size} bytes where ${expected.bytes} were announced`)
      // The hash first: a wrong file must not leave parts under the name of a right one.
      const hash = createHash('sha256')
      const buffer = Buffer.allocUnsafe(PART)
      for (let at = 0; at < size; at += PART) {
        hash.update(buffer.subarray(0, readSync(fd, buffer, 0, PART, at)))
        yield
      }
      const digest = hash.digest()
      if (digest.toString('hex') !== expected.sha256) throw new Error('its SHA-256 is not the announced one')
      const id = this.find.get(digest)?.id ?? Number(this.add.run(digest, size, 0).lastInsertRowid)
      for (let part = this.stored.get(id)!; part * PART < size; part++) {
        const length = readSync(fd, buffer, 0, PART, part * PART)
        this.addPart.run(id, part, buffer.subarray(0, length))
        yield
      }
      this.finish.run(id)
    } finally {
      closeSync(fd)
    }
  }

  /** A content by its hash in hex, or null. @throws LibraryError `damaged` when it doesn't have that hash. */
  get(hash: string): Uint8Array | null {
    const id = this.key(hash)
    if (id === null) return null
    const parts = this.parts.all(id)
    const content = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (createHash('sha256').update(content).digest('hex') !== hash) throw damaged(`the content ${hash} is not whole`)
    return content
  }

  /** Writes a content to a file by way of a temporary name, in slices. */
  async write(hash: string, file: string): Promise<void> {
    const id = this.key(hash)
    if (id === null) throw new NotFoundError(`The library has no content ${hash}.`)
    mkdirSync(dirname(file), { recursive: true })
    const birth = `${file}.${randomUUID()}.new`
    const fd = openSync(birth, 'wx')
    try {
      const digest = createHash('sha256')
      for (let part = 0; ; part++) {
        const data = this.part.get(id, part)
        if (!data) break
        digest.update(data)
        writeSync(fd, data)
        await nextTurn()
      }
      if (digest.digest('hex') !== hash) throw damaged(`the content ${hash} is not whole`)
      fsyncSync(fd)
    } catch (error) {
      closeSync(fd)
      rmSync(birth, { force: true })
      throw error
    }
    closeSync(fd)
    renameSync(birth, file)
    syncFolder(dirname(file))
  }

  /** Deletes a content that nothing refers to any more, in the caller's transaction. */
  release(id: number): void {
    if (this.used.get({ id })) return
    while (this.dropPart.run({ id }).changes > 0);
    this.drop.run(id)
  }

  /** Deletes, one a call of the returned generator, contents whose intake was cut off or that nothing refers to. */
  *collect(): Generator<void> {
    const rows = this.db
      .prepare<[], { id: number; hash: Buffer }>(
        `SELECT id, hash FROM blobs WHERE complete = 0
           OR NOT (${users.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE blob = blobs.id)`).join(' OR ')})`,
      )
      .all()
    for (const { id, hash } of rows) {
      if (this.staging.has(hash.toString('hex'))) continue
      this.db.transaction(() => this.release(id)).immediate()
      yield
    }
  }
}
