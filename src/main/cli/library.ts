import { libraryDirectory } from '../paths.ts'
import { backupLibrary, checkLibrary } from '../store/index.ts'
import { needLibrary, withExistingCore } from './connect.ts'
import type { CommonOptions } from './connect.ts'
import { formatBytes, note, plain, print, printJson } from './output.ts'

/** `library check`: looks at all of it, changes nothing; exit status 1 when something is wrong. */
export async function checkTheLibrary(options: CommonOptions): Promise<void> {
  const directory = needLibrary(options)
  const report = await checkLibrary(directory)
  if (!report.ok) process.exitCode = 1
  if (options.json) return printJson(report)
  const { runs, contents, contentBytes, series, points, summaries } = report.checked
  print(`Library ${directory}`)
  print(
    `Checked ${runs} runs, ${contents} contents (${formatBytes(contentBytes)}), ${series} series with ${points} points, ` +
      `${summaries} summaries.`,
  )
  for (const { level, message, hint } of report.findings)
    print(`${level === 'problem' ? 'PROBLEM' : 'note   '}  ${plain(message)}\n         ${plain(hint)}`)
  const problems = report.findings.filter(({ level }) => level === 'problem').length
  print(problems === 0 ? 'It is whole.' : `${problems} problem${problems === 1 ? '' : 's'} found; nothing was changed.`)
}

/** `library backup FILE`: a whole copy, also while a core works on it. */
export async function backUpLibrary(file: string, options: CommonOptions): Promise<void> {
  const backup = await backupLibrary(needLibrary(options), file)
  if (options.json) return printJson(backup)
  print(`Wrote ${backup.runs} runs (${formatBytes(backup.bytes)}) to ${backup.file}.`)
  note('To use it, put it as library.db into an empty folder and open that with --library.')
}

/** `library compact`: frees what is needed no more, and says how much that was. */
export async function compactLibrary(options: CommonOptions & { full?: boolean }): Promise<void> {
  await withExistingCore(options, { startQueued: false }, async ({ client }) => {
    const freed = await client.library.compact({ full: options.full ?? false })
    if (options.json) return printJson(freed)
    const { databaseBytes, fileBytes, freedBytes } = freed
    print(
      `${formatBytes(freedBytes)} are free again: ${formatBytes(databaseBytes)} of the database, ` +
        `${formatBytes(fileBytes)} of workers' files.`,
    )
  })
}

/** `library`: where it is and how large. */
export async function showLibrary(options: CommonOptions): Promise<void> {
  const { openLibrary } = await import('../store/index.ts')
  needLibrary(options)
  const library = openLibrary(libraryDirectory(options.library), { readOnly: true })
  try {
    const info = library.info()
    if (options.json) printJson(info)
    else print(`${info.path}\n${info.runs} runs, ${formatBytes(info.bytes)}, schema version ${info.schemaVersion}`)
  } finally {
    library.close()
  }
}
