import { describe, expect, it } from 'vitest'
import { FiniteWatch } from '../../src/ml/run/finite.ts'
import { NoticeSum, hasDiverged, noticeOf, watchHappenings } from '../../src/shared/notices.ts'
import type { Happening } from '../../src/shared/notices.ts'
import type { Run, RunStatus } from '../../src/shared/run.ts'
import { makeRun } from '../make-run.ts'

const run = (id: string, status: RunStatus, more: Partial<Run> = {}): Run =>
  makeRun({ id, kind: 'dcgan', name: `dcgan ${id}`, status, ...more })
const problem = { message: 'The loss is NaN.', hint: null, detail: null }
const diverged = { ...problem, message: 'loss became NaN at step 7: the run has diverged and was paused.' }
const changed = (...runs: Run[]) => ({ changed: runs, removed: [] })

/** What is said of a run that is first seen as one thing and then as another. */
function said(before: Run, after: Run): Happening | undefined {
  const look = watchHappenings()
  expect(look(changed(before))).toEqual([])
  const [news] = look(changed(after))
  // Once: the same again is no news.
  expect(look(changed(after))).toEqual([])
  return news?.what
}

describe('what happened', () => {
  it.each<[RunStatus, Run, Happening]>([
    ['running', run('1', 'done'), 'done'],
    ['starting', run('1', 'failed', { problem }), 'failed'],
    ['running', run('1', 'interrupted', { problem }), 'interrupted'],
    ['running', run('1', 'paused', { problem: diverged }), 'diverged'],
    ['pausing', run('1', 'stopped', { problem: diverged }), 'diverged'],
    ['running', run('1', 'running', { metrics: { generatorLoss: 'NaN' } }), 'diverged'],
    ['running', run('1', 'running', { problem }), 'silent'],
    ['queued', run('1', 'failed', { problem }), 'failed'],
  ])('to a %s run is told once', (before, after, what) => {
    expect(said(run('1', before), after)).toBe(what)
  })

  it.each<[string, Run, Run]>([
    ['a pause by the user', run('1', 'pausing'), run('1', 'paused')],
    ['a quick pause by the user', run('1', 'running'), run('1', 'paused')],
    ['a stop by force', run('1', 'stopping', { problem }), run('1', 'stopped', { problem })],
    ['a run that was over', run('1', 'paused'), run('1', 'done')],
    ['a quick stop by force', run('1', 'running'), run('1', 'stopped', { problem })],
    ['a silent worker that speaks again', run('1', 'running', { problem }), run('1', 'running')],
    ['a measure that may be infinite', run('1', 'running'), run('1', 'running', { metrics: { fid: 'Infinity' } })],
  ])('says nothing of %s', (_, before, after) => {
    expect(said(before, after)).toBeUndefined()
  })

  it('knows a divergence by what a worker says of it', () => {
    const { problem } = new FiniteWatch({ warning: () => {} }, 'stop').outcome(
      { name: 'loss', value: Number.NaN, step: 7 },
      null,
    )
    expect(hasDiverged({ problem: problem! })).toBe(true)
  })

  it('says nothing of what was so before, nor of what was removed', () => {
    const look = watchHappenings()
    expect(look(changed(run('1', 'done'), run('2', 'failed'), run('3', 'running')))).toEqual([])
    look({ changed: [], removed: ['3'] })
    expect(look(changed(run('3', 'done')))).toEqual([])
  })
})

describe('a notice', () => {
  const progress = { step: 30, totalSteps: 30, epoch: 3, epochs: 3, stepsPerSecond: 9, etaSeconds: 0, message: null }

  it('of one run names it and leads to it', () => {
    expect(noticeOf([{ run: run('1', 'done', { progress }), what: 'done' }])).toEqual({
      title: 'dcgan 1 is done',
      body: '30 of 30 steps',
      runId: '1',
      isBad: false,
    })
    expect(noticeOf([{ run: run('2', 'failed', { problem }), what: 'failed' }])).toMatchObject({
      title: 'dcgan 2 has failed',
      body: 'The loss is NaN.',
      isBad: true,
    })
  })

  it('of the twenty runs of a study is one that grows, whenever they end, until it is seen', () => {
    const sum = new NoticeSum()
    const notices = Array.from({ length: 20 }, (_, i) => sum.add([{ run: run(`${i + 1}`, 'done'), what: 'done' }]))
    expect(notices[0]!.title).toBe('dcgan 1 is done')
    expect(notices[19]).toEqual({
      title: '20 runs are done',
      body: 'dcgan 20, dcgan 19, dcgan 18 and 17 more',
      runId: null,
      isBad: false,
    })
    expect(sum.add([])).toBeNull()
    sum.seen()
    expect(sum.add([{ run: run('21', 'done'), what: 'done' }])!.title).toBe('dcgan 21 is done')
  })

  it('says the worst first, with singular and plural as they fall', () => {
    const sum = new NoticeSum()
    sum.add(['1', '2', '3'].map((id) => ({ run: run(id, 'done'), what: 'done' })))
    const notice = sum.add([{ run: run('4', 'failed'), what: 'failed' }])!
    expect(notice.title).toBe('Runs: 1 has failed, 3 are done')
    expect(notice.body).toBe('dcgan 4, dcgan 3, dcgan 2 and 1 more')
    expect(notice.isBad).toBe(true)
  })

  it('counts a run once, by the last that happened to it', () => {
    const sum = new NoticeSum()
    sum.add([{ run: run('1', 'running'), what: 'diverged' }])
    expect(sum.add([{ run: run('1', 'done'), what: 'done' }])!.title).toBe('dcgan 1 is done')
  })
})
