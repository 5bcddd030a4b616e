import type { Database, Statement } from 'better-sqlite3'
import type { Artifact, Result, ResultValue } from '../../shared/results.ts'
import { wellFormed } from './sql.ts'

interface ResultRow {
  name: string
  step: number
  time: number
  value: string
}

interface ArtifactRow {
  name: string
  step: number
  time: number
  media_type: string
  description: string
  hash: Buffer
  bytes: number
}

const toArtifact = ({ media_type: mediaType, hash, ...row }: ArtifactRow): Artifact => ({
  ...row,
  mediaType,
  hash: hash.toString('hex'),
})

/** What runs found out (results), left (artifacts) and were given, each by its name; in the caller's transaction. */
export class Findings {
  private readonly putResult: Statement
  private readonly putArtifact: Statement
  private readonly artifactBlob: Statement<[number, string], number>
  private readonly cutResults: Statement<[number, number]>
  private readonly cutArtifacts: Statement<[number, number], number>
  private readonly someResults: Statement<[number], ResultRow>
  private readonly someArtifacts: Statement<[number], ArtifactRow>
  private readonly putGiven: Statement<[number, string, number]>
  private readonly someGiven: Statement<[number], { role: string; hash: Buffer }>

  constructor(db: Database) {
    this.putResult = db.prepare('INSERT OR REPLACE INTO results (run, name, step, time, value) VALUES (?, ?, ?, ?, ?)')
    this.putArtifact = db.prepare(
      `INSERT OR REPLACE INTO artifacts (run, name, step, time, media_type, description, blob)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.artifactBlob = db.prepare('SELECT blob FROM artifacts WHERE run = ? AND name = ?').pluck() as never
    this.cutResults = db.prepare('DELETE FROM results WHERE run = ? AND step > ?')
    this.cutArtifacts = db.prepare('DELETE FROM artifacts WHERE run = ? AND step > ? RETURNING blob').pluck() as never
    this.someResults = db.prepare('SELECT name, step, time, value FROM results WHERE run = ? ORDER BY name')
    this.someArtifacts = db.prepare(
      `SELECT artifacts.name, artifacts.step, artifacts.time, artifacts.media_type, artifacts.description, blobs.hash,
         blobs.bytes
       FROM artifacts JOIN blobs ON blobs.id = artifacts.blob WHERE artifacts.run = ? ORDER BY artifacts.name`,
    )
    this.putGiven = db.prepare('INSERT OR REPLACE INTO given (run, role, blob) VALUES (?, ?, ?)')
    this.someGiven = db.prepare(
      'SELECT given.role, blobs.hash FROM given JOIN blobs ON blobs.id = given.blob WHERE given.run = ?',
    )
  }

  /** A later result of a name replaces the earlier one. */
  result(run: number, { name: given, step, time, value }: Result): Result {
    const name = wellFormed(given)
    this.putResult.run(run, name, step, time, JSON.stringify(value))
    return { name, step, time, value }
  }

  /** A later artifact of a name replaces the earlier one, whose content is released. */
  artifact(run: number, artifact: Artifact, blob: number, release: (old: number) => void): Artifact {
    const { step, time, mediaType, hash, bytes } = artifact
    const [name, description] = [wellFormed(artifact.name), wellFormed(artifact.description)]
    const old = this.artifactBlob.get(run, name)
    this.putArtifact.run(run, name, step, time, wellFormed(mediaType), description, blob)
    if (old !== undefined && old !== blob) release(old)
    return { name, step, time, mediaType, description, hash, bytes }
  }

  /** Takes back what came after `step`. Returns whether there was anything. */
  cut(run: number, step: number, release: (blob: number) => void): boolean {
    const results = this.cutResults.run(run, step).changes
    const blobs = this.cutArtifacts.all(run, step)
    for (const blob of new Set(blobs)) release(blob)
    return results + blobs.length > 0
  }

  results(run: number): Result[] {
    return this.someResults.all(run).map((row) => ({ ...row, value: JSON.parse(row.value) as ResultValue }))
  }

  artifacts(run: number): Artifact[] {
    return this.someArtifacts.all(run).map(toArtifact)
  }

  give(run: number, role: string, blob: number): void {
    this.putGiven.run(run, role, blob)
  }

  /** Hashes of what a run was given, by role. */
  given(run: number): Record<string, string> {
    return Object.fromEntries(this.someGiven.all(run).map(({ role, hash }) => [role, hash.toString('hex')]))
  }
}
