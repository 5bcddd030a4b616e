import type { CheckpointOwner } from '../../src/ml/run/checkpoint.ts'
import type { StoredState } from '../../src/shared/safetensors.ts'

export const checkpointOwner: CheckpointOwner = { kind: 'dcgan', params: { epochs: 1, width: 64 } }

const ROWS = 768

/** A network's worth of weights and moments, 7 MiB, of which every row tells its step. */
export function stateAt(step: number): StoredState {
  const array = (part: number) => {
    const data = new Float32Array(ROWS * ROWS)
    for (let row = 0; row < ROWS; row++) data.fill(step + part / 4 + row / 4096, row * ROWS, (row + 1) * ROWS)
    return { shape: [ROWS, ROWS], data }
  }
  return { kernel: array(0), 'kernel/m': array(1), 'kernel/v': array(2) }
}
