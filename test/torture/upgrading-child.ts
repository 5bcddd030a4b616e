import { writeSync } from 'node:fs'
import { openDatabase } from '../../src/main/store/database.ts'
import { loadMigrations } from '../../src/main/store/migrate.ts'

/**
 * Process entry for migrations.test.ts: opens the database of a library with the migrations up to a version, as a core
 * of that version does, and says when it begins and when it is done. Arguments: the folder, the version.
 */
const [folder, version] = process.argv.slice(2)
const migrations = loadMigrations().slice(0, Number(version))
writeSync(1, 'begins\n')
const db = openDatabase(folder!, migrations)
writeSync(1, 'done\n')
db.close()
