import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import type { Random } from './support.ts'

const PAGE = 4096

/** Ways in which a library's files come to harm, by name. Each returns whether the damage must be refused at the opening. */
export const damages: Record<string, (folder: string, random: Random) => boolean> = {
  'bits flipped anywhere': inFile('library.db', (bytes, random) => {
    for (let i = random.int(1, 4); i > 0; i--) flip(bytes, random.int(0, bytes.length), random)
    return false
  }),
  'bits flipped in the header': inFile('library.db', (bytes, random) => {
    flip(bytes, random.int(0, 100), random)
    return false
  }),
  'bits flipped in the structure of a page': inFile('library.db', (bytes, random) => {
    flip(bytes, random.int(0, bytes.length / PAGE) * PAGE + random.int(0, 24), random)
    return false
  }),
  'bytes overwritten': inFile('library.db', (bytes, random) => {
    bytes.set(random.bytes(random.int(1, 200)), random.int(0, bytes.length - 200))
    return false
  }),
  'a page of zeros': inFile('library.db', (bytes, random) => {
    const at = random.int(0, bytes.length / PAGE) * PAGE
    bytes.fill(0, at, at + PAGE)
    return false
  }),
  'two pages swapped': inFile('library.db', (bytes, random) => {
    const [a, b] = [random.int(0, bytes.length / PAGE) * PAGE, random.int(0, bytes.length / PAGE) * PAGE]
    const page = Buffer.from(bytes.subarray(a, a + PAGE))
    bytes.copy(bytes, a, b, b + PAGE)
    page.copy(bytes, b)
    return false
  }),
  'cut off anywhere': (folder, random) => {
    const file = path.join(folder, 'library.db')
    truncateSync(file, random.int(0, readFileSync(file).length))
    return true
  },
  'zeros throughout': inFile('library.db', (bytes) => {
    bytes.fill(0)
    return true
  }),
  'noise throughout': inFile('library.db', (bytes, random) => {
    bytes.set(random.bytes(2000))
    return true
  }),
  'a text file': place((_, random) => Buffer.from('Dear diary,\n'.repeat(random.int(1, 100)))),
  'a picture': place((_, random) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), random.bytes(500)])),
  'a database of another program': (folder, random) => {
    rmSync(path.join(folder, 'library.db'))
    edit(folder, (db) => {
      if (random.next() < 0.5) db.pragma(`application_id = ${random.int(1, 2 ** 31)}`)
      db.exec('CREATE TABLE runs (id TEXT); PRAGMA user_version = 2')
    })
    return true
  },
  'a version of the future': (folder, random) => {
    edit(folder, (db) => db.pragma(`user_version = ${random.int(1000, 2 ** 31 - 1)}`))
    return true
  },
  'a version that is not that of its tables': (folder, random) => {
    edit(folder, (db) =>
      db.pragma(`user_version = ${random.int(-5, db.pragma('user_version', { simple: true }) as number)}`),
    )
    return true
  },
  'a table too many': (folder) => {
    edit(folder, (db) => db.exec('CREATE TABLE extra (x)'))
    return true
  },
  'an index too few': (folder) => {
    edit(folder, (db) => db.exec('DROP INDEX samples_by_blob'))
    return true
  },
  'a trigger that would do something': (folder) => {
    edit(folder, (db) => db.exec('CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM points; END'))
    return true
  },
  'a folder in its place': (folder) => {
    rmSync(path.join(folder, 'library.db'))
    mkdirSync(path.join(folder, 'library.db'))
    return true
  },
  'a lock that is no lock': (folder, random) => {
    writeFileSync(path.join(folder, 'library.lock'), random.bytes(random.int(1, 5000)))
    return true
  },
}

/** The same for what a killed core leaves: a database, its write-ahead log and the log's index. */
export const logDamages: Record<string, (folder: string, random: Random) => void> = {
  'a bit of the log flipped': (folder, random) => void inFile('library.db-wal', flipOne)(folder, random),
  'a bit of the log flipped, its index gone': (folder, random) => {
    rmSync(path.join(folder, 'library.db-shm'))
    inFile('library.db-wal', flipOne)(folder, random)
  },
  'the log cut off': (folder, random) => {
    const file = path.join(folder, 'library.db-wal')
    truncateSync(file, random.int(0, readFileSync(file).length))
  },
  'bits of the index flipped': (folder, random) => void inFile('library.db-shm', flipOne)(folder, random),
  'the index gone': (folder) => rmSync(path.join(folder, 'library.db-shm')),
  'bits of the database behind the log flipped': (folder, random) => void inFile('library.db', flipOne)(folder, random),
}

function flip(bytes: Buffer, at: number, random: Random): void {
  bytes[at] = bytes[at]! ^ (1 << random.int(0, 8))
}

function flipOne(bytes: Buffer, random: Random): boolean {
  flip(bytes, random.int(0, bytes.length), random)
  return false
}

function inFile(name: string, change: (bytes: Buffer, random: Random) => boolean) {
  return (folder: string, random: Random): boolean => {
    const bytes = readFileSync(path.join(folder, name))
    const mustBeRefused = change(bytes, random)
    writeFileSync(path.join(folder, name), bytes)
    return mustBeRefused
  }
}

function place(content: (folder: string, random: Random) => Uint8Array) {
  return (folder: string, random: Random): boolean => {
    writeFileSync(path.join(folder, 'library.db'), content(folder, random))
    return true
  }
}

/** Through SQLite, leaving one file in the mode that a library has. */
function edit(folder: string, change: (db: Database.Database) => void): void {
  const file = path.join(folder, 'library.db')
  const db = new Database(file)
  change(db)
  db.close()
  if (existsSync(`${file}-wal`)) throw new Error('The change is still in a log.')
}
