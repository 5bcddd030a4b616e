import { saveCheckpoint } from '../../src/ml/run/checkpoint.ts'
import { openRunLog } from '../../src/ml/run/run-log.ts'
import { checkpointOwner, stateAt } from './checkpoint-state.ts'

/**
 * A process to be killed: saves a checkpoint a step and announces each in the log, as a training loop does, from the step
 * in its second argument on, into the folder in its first.
 */
const [folder, from] = process.argv.slice(2)
const log = openRunLog(`${folder}/events.log`)
for (let step = Number(from); ; step++) {
  const saved = saveCheckpoint(folder!, checkpointOwner, step, stateAt(step))
  log.event({ type: 'checkpoint', step, epoch: step, ...saved })
}
