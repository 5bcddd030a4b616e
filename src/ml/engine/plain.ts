import type { Engine, Tf } from './open.ts'

/** No TensorFlow at all: for kinds whose networks are plain JavaScript, which start a second sooner so. */
export function plainEngine(): Engine {
  return {
    get tf(): Tf {
      throw new Error('This kind of experiment trains in plain JavaScript and has no TensorFlow.')
    },
    info: {
      backend: 'javascript',
      name: `JavaScript (Node ${process.versions.node})`,
      version: process.versions.node,
      device: 'cpu',
      deviceName: 'one core',
      threads: 1,
      reason: null,
      howTo: null,
    },
  }
}
