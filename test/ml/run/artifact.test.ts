import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { saveFile } from '../../../src/ml/run/artifact.ts'
import { loadCheckpoint, saveCheckpoint } from '../../../src/ml/run/checkpoint.ts'

const root = mkdtempSync(path.join(os.tmpdir(), 'atelier-files-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const folder = (name: string) => {
  const made = path.join(root, name)
  mkdirSync(made)
  return made
}
const owner = { kind: 'gan2d', params: { seed: 1 } }
const state = (...data: number[]) => ({ w: { shape: [data.length], data: Float32Array.from(data) } })

describe('a file of a run', () => {
  it('is there whole under its name, with nothing beside it', () => {
    const to = folder('whole')
    const content = new Uint8Array(3_000_000).map((_, i) => i * 7)
    const saved = saveFile(to, 'a/b/c', content)
    expect(saved).toEqual({
      file: 'a/b/c',
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })
    expect(readFileSync(path.join(to, 'a/b/c')).equals(content)).toBe(true)
    expect(readdirSync(path.join(to, 'a/b'))).toEqual(['c'])
    saveFile(to, 'a/b/c', new Uint8Array(1))
    expect(readFileSync(path.join(to, 'a/b/c')).length).toBe(1)
  })

  it('that can’t be written leaves nothing behind', () => {
    const to = folder('refused')
    mkdirSync(path.join(to, 'x'))
    writeFileSync(path.join(to, 'x/inside'), '')
    expect(() => saveFile(to, 'x', new Uint8Array(9))).toThrow()
    expect(readdirSync(to)).toEqual(['x'])
  })

  it('written by a process that is killed is whole or not there', { timeout: 120_000 }, async () => {
    const to = folder('killed')
    const script = `const { saveFile } = await import(${JSON.stringify(path.resolve('src/ml/run/artifact.ts'))})
      const content = new Uint8Array(20_000_000)
      for (let n = 0; ; n++) { content.fill(n); saveFile(process.argv[1], 'file', content); process.stdout.write('.') }`
    for (const delay of [0, 7, 19, 40]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, to], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = new Promise((resolve) => child.on('exit', resolve))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      await new Promise((resolve) => setTimeout(resolve, delay))
      child.kill('SIGKILL')
      await exit
      const content = readFileSync(path.join(to, 'file'))
      expect(content.length).toBe(20_000_000)
      expect(content.every((byte) => byte === content[0])).toBe(true)
    }
  })
})

describe('a checkpoint', () => {
  it('of a step that has one which was not yet taken in stands beside it', () => {
    const to = folder('again')
    const files = [1, 2, 3].map((value) => saveCheckpoint(to, owner, 5, state(value)).file)
    expect(files).toEqual(['', '-2', '-3'].map((again) => `checkpoints/step-5${again}.safetensors`))
    files.forEach((file, i) =>
      expect(loadCheckpoint(path.join(to, file), owner, 5)['w']!.data).toEqual(Float32Array.of(i + 1)),
    )
  })
})
