import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { onTestFinished, vi } from 'vitest'
import type { KnownDataset, KnownFile } from '../../../src/ml/datasets/known.ts'
import { DatasetMessage } from '../../../src/shared/datasets.ts'

// Real processes and tens of thousands of real images, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 })

/** An empty folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'atelier-datasets-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function idx(dimensions: number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length)
  header.writeUInt32BE(0x0800 + dimensions.length)
  dimensions.forEach((n, i) => header.writeUInt32BE(n, 4 + 4 * i))
  return Buffer.concat([header, values])
}

/** A set like MNIST with three training and two test images of 2 × 2 pixels, and its files' bytes by name. */
export function smallSet(): { set: KnownDataset; files: Map<string, Buffer> } {
  const files = new Map<string, Buffer>()
  const file = (name: string, bytes: Buffer): KnownFile => {
    const packed = gzipSync(bytes)
    files.set(`${name}.gz`, packed)
    const sha256 = (of: Buffer) => createHash('sha256').update(of).digest('hex')
    return {
      name,
      bytes: bytes.length,
      sha256: sha256(bytes),
      packed: { bytes: packed.length, sha256: sha256(packed) },
    }
  }
  const set: KnownDataset = {
    id: 'small',
    title: 'Small',
    source: 'a test',
    classes: ['a', 'b'],
    height: 2,
    width: 2,
    trainCount: 3,
    testCount: 2,
    files: {
      trainImages: file(
        'train-images-idx3-ubyte',
        idx(
          [3, 2, 2],
          Uint8Array.from({ length: 12 }, (_, i) => i),
        ),
      ),
      trainLabels: file('train-labels-idx1-ubyte', idx([3], Uint8Array.of(0, 1, 0))),
      testImages: file(
        't10k-images-idx3-ubyte',
        idx(
          [2, 2, 2],
          Uint8Array.from({ length: 8 }, (_, i) => 100 + i),
        ),
      ),
      testLabels: file('t10k-labels-idx1-ubyte', idx([2], Uint8Array.of(1, 0))),
    },
    directories: [],
    npmPackage: null,
    urls: [],
    otherWays: 'Name a folder.',
  }
  return { set, files }
}

export const png = (width: number, height: number, colour: string): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer()

/** Writes files below a folder, making the folders on their way. */
export async function writeFiles(folder: string, files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), bytes)
  }
}

export interface CommandRun {
  pid: number
  kill(signal: NodeJS.Signals): void
  /** Resolves at the first line for which `test` holds, or at the end. */
  until(test: (line: string) => boolean): Promise<void>
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; lines: string[]; messages: DatasetMessage[] }>
}

const commandFile = path.resolve('src/ml/datasets/command.ts')

/** Runs the data-set command in a process of its own. */
export function startCommand(args: string[]): CommandRun {
  const code = `import { runDatasetCommand } from ${JSON.stringify(commandFile)}
process.exitCode = await runDatasetCommand(process.argv.slice(1))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let errors = ''
  const waiting = new Set<() => void>()
  const lines = () => text.split('\n').filter((line) => line !== '')
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const ended = new Promise<Awaited<CommandRun['ended']>>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode, signal) => {
      for (const look of waiting) look()
      if (errors.trim() !== '') reject(new Error(`standard error: ${errors}`))
      const messages = lines().flatMap((line) => DatasetMessage.safeParse(JSON.parse(line)).data ?? [])
      resolve({ code: exitCode, signal, lines: lines(), messages })
    })
  })
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    until: (test) =>
      new Promise((resolve) => {
        const look = () => {
          if (!lines().some(test) && child.exitCode === null && child.signalCode === null) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    ended,
  }
}
