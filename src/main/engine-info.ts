import { spawn } from 'node:child_process'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { EngineInfo } from '../shared/engine.ts'
import { workerCommand } from './scheduler/index.ts'
import { version } from './version.ts'

const Cached = z.object({ stamp: z.string(), engine: EngineInfo })
const PROBE_TIMEOUT_MS = 60_000
const BINDINGS = ['tfjs-node-gpu', 'tfjs-node'].map((name) => `@tensorflow/${name}/lib/napi-v8/tfjs_binding.node`)

async function modified(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.mtimeMs ?? 0
}

/** What the answer depends on: another set-up, version or choice by the user, and it is asked anew. */
async function stampOf(entry: string): Promise<string> {
  let stamps: number[] = []
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    stamps = await Promise.all(BINDINGS.map((file) => modified(path.join(folder, 'node_modules', file))))
    if (stamps.some(Boolean) || folder === path.dirname(folder)) break
  }
  const { ATELIER_ENGINE = '', ATELIER_THREADS = '', CUDA_VISIBLE_DEVICES = '' } = process.env
  return JSON.stringify([version, entry, ...stamps, ATELIER_ENGINE, ATELIER_THREADS, CUDA_VISIBLE_DEVICES])
}

/**
 * Asks a worker, which opens the engine, describes it and ends.
 * @throws Error with what it said last when it can't be started, or opens no engine
 */
export async function askWorker(): Promise<EngineInfo> {
  const { file, args } = workerCommand()
  const child = spawn(file, [...args, 'engine'], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-2000)))
  const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_TIMEOUT_MS)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => clearTimeout(timer))
  // Libraries may print before it, so it is the last line that looks like one.
  for (const line of out.trim().split('\n').reverse()) {
    const parsed = EngineInfo.safeParse(tryJson(line))
    if (parsed.success) return parsed.data
  }
  const last = err.trim().split('\n').at(-1)
  throw new Error(last || `its process ended with status ${code ?? 'unknown'} and said nothing`)
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const unknownEngine = (error: Error): EngineInfo => ({
  backend: 'wasm',
  name: 'Unknown engine',
  version: '',
  device: 'cpu',
  deviceName: '',
  threads: 0,
  reason: `The engine could not be asked what it is: ${error.message}`,
  howTo: 'Run `npm run setup`, then start Atelier again.',
})

/** Which engine trains. A process opens it once a set-up; the core itself never loads TensorFlow. */
export class EngineProbe {
  private readonly cacheFile: string
  private asked: Promise<EngineInfo> | null = null

  constructor(cacheDirectory: string) {
    this.cacheFile = path.join(cacheDirectory, 'engine-info.json')
  }

  /** What is known from an earlier time, or what a process that is started now says. Never rejects. */
  info(): Promise<EngineInfo> {
    this.asked ??= this.ask().catch((error: Error) => {
      this.asked = null
      return unknownEngine(error)
    })
    return this.asked
  }

  private async ask(): Promise<EngineInfo> {
    const stamp = await stampOf(workerCommand().args.at(-1)!)
    const text = await readFile(this.cacheFile, 'utf8').catch(() => '')
    const cached = Cached.safeParse(tryJson(text))
    if (cached.success && cached.data.stamp === stamp) return cached.data.engine
    const engine = await askWorker()
    await this.keep({ stamp, engine }).catch(() => {})
    return engine
  }

  private async keep(known: z.infer<typeof Cached>): Promise<void> {
    const temporary = `${this.cacheFile}.${process.pid}.tmp`
    await mkdir(path.dirname(this.cacheFile), { recursive: true })
    await writeFile(temporary, JSON.stringify(known))
    await rename(temporary, this.cacheFile)
  }
}
