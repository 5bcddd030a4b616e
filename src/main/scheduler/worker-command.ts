import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from '../paths.ts'

/** How the training side is started: a file to execute and the arguments that come before its own. */
export interface WorkerCommand {
  file: string
  args: string[]
}

/** Files in an asar archive can't be run by a plain Node; the packer puts them beside it. */
const outsideArchive = (file: string) => file.replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2')

function findEntry(): string {
  const self = fileURLToPath(import.meta.url)
  const folder = outsideArchive(path.dirname(self) + path.sep)
  const found = self.endsWith('.ts') ? nearest(folder, 'src/ml/worker.ts') : nearest(folder, 'ml/worker.js')
  if (!found)
    throw new Error(`The training program is missing near ${folder}. Run \`npm run build\`, or install Atelier again.`)
  return found
}

function findNode(): string {
  const isPlain = !process.versions.electron && Number(process.versions.node.split('.')[0]) >= 22
  if (isPlain) return process.execPath
  const name = process.platform === 'win32' ? 'node.exe' : 'bin/node'
  const system = process.platform === 'win32' ? 'win' : process.platform
  const resources = (process as { resourcesPath?: string }).resourcesPath
  const folder = outsideArchive(path.dirname(fileURLToPath(import.meta.url)) + path.sep)
  const found =
    (resources ? nearest(resources, `node/${name}`) : null) ??
    nearest(folder, `node_modules/node-${system}-${process.arch}/${name}`) ??
    nearest(folder, `node_modules/node-bin-${system}-${process.arch}/${name}`)
  if (!found) throw new Error('The Node that trains is missing. Run `npm install` again, with optional packages.')
  return found
}

let found: WorkerCommand | null = null

/**
 * The program that trains, prepares data sets and describes the engine: next to the running source or bundle, under
 * a plain Node. $ATELIER_WORKER and $ATELIER_NODE name others.
 * @throws Error when one of the two is missing.
 */
export function workerCommand(): WorkerCommand {
  found ??= { file: process.env.ATELIER_NODE || findNode(), args: [process.env.ATELIER_WORKER || findEntry()] }
  return found
}
