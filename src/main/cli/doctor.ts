import { examine } from '../doctor/index.ts'
import type { Finding } from '../doctor/index.ts'
import { cacheDirectory, libraryDirectory, logFile } from '../paths.ts'
import { version } from '../version.ts'
import type { CommonOptions } from './connect.ts'
import { plain, print, printJson } from './output.ts'

const WIDTH = 'warning'.length

/** `doctor`: what works on this machine, what does not, and what to do; exit status 1 when there is a problem. */
export async function runDoctor(options: CommonOptions): Promise<void> {
  const library = libraryDirectory(options.library)
  const findings: Finding[] = []
  if (!options.json) print(`Atelier ${version}`)
  for await (const finding of examine(library, cacheDirectory())) {
    findings.push(finding)
    if (!options.json) show(finding)
  }
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const [problems, warnings] = [count('problem'), count('warning')]
  if (problems > 0) process.exitCode = 1
  if (options.json) return printJson({ ok: problems === 0, version, library, log: logFile(library), findings })
  const all = [
    ...(problems ? [`${problems} problem${problems === 1 ? '' : 's'}`] : []),
    ...(warnings ? [`${warnings} warning${warnings === 1 ? '' : 's'}`] : []),
  ]
  print(all.length ? `${all.join(' and ')}.` : 'All is well.')
}

function show({ level, part, message, hint }: Finding): void {
  const word = level === 'problem' ? 'PROBLEM' : level
  print(`${word.padEnd(WIDTH)}  ${part.padEnd(9)}  ${plain(message)}`)
  if (hint) print(`${' '.repeat(WIDTH + 13)}→ ${plain(hint)}`)
}
