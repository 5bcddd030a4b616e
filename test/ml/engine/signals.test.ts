import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/index.ts'

const url = (file: string) => pathToFileURL(file).href

/** Trains a VAE for three seconds and counts the signals that it hears meanwhile; the second pass must repeat the first. */
const program = `
  const { openEngine } = await import(${JSON.stringify(url('src/ml/engine/index.ts'))})
  const { createVaeTrainer } = await import(${JSON.stringify(url('src/ml/experiments/vae/step.ts'))})
  const { tf } = await openEngine({ prefer: 'native' })
  let heard = 0
  process.on('SIGUSR2', () => heard++)
  const shape = { pixels: 784, hidden: [600, 600], latent: 50 }
  const batch = tf.randomUniform([128, 784], 0, 1, 'float32', 1)
  const steps = 60
  const pass = async () => {
    const trainer = createVaeTrainer(tf, { ...shape, seed: 0, learningRate: 1e-3, beta1: 0.9, beta2: 0.999 })
    const losses = []
    for (let step = 0; step < steps; step++) {
      losses.push(trainer.step(step, batch).loss)
      await new Promise(setImmediate)
    }
    trainer.dispose()
    return losses.join()
  }
  console.log('ready')
  const first = await pass()
  for (let i = 0; i < 2; i++) if ((await pass()) !== first) throw new Error('the losses have changed')
  console.log(heard)
  process.exit(0)`

const native = (await openEngine()).info.backend === 'native'

it.skipIf(!native || process.platform !== 'linux')(
  'signals do not disturb the native engine, and are heard',
  async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const ended = new Promise<string>((resolve) => child.on('exit', (code, signal) => resolve(signal ?? String(code))))
    while (!output.includes('ready') && child.exitCode === null) await wait(10)
    while (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGUSR2')
      await wait(1)
    }
    expect(await ended).toBe('0')
    expect(Number(output.split('\n')[1])).toBeGreaterThan(50)
  },
)
