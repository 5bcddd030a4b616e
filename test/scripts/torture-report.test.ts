import { expect, it } from 'vitest'
// @ts-expect-error plain JavaScript: it runs before anything is installed
import { tortureTests, withTests } from '../../scripts/lib/torture-report.mjs'

const report = {
  testResults: [
    {
      name: '/house/test/torture/kill.test.ts',
      assertionResults: [
        { ancestorTitles: [], title: 'kills', status: 'passed', duration: 61_240 },
        { ancestorTitles: ['both'], title: 'at once', status: 'failed', duration: 60_000 },
        { ancestorTitles: [], title: 'left out', status: 'pending' },
      ],
    },
  ],
}
const figures = '{"test":"kills","name":"core killed","rounds":3,"lost":0}\n{"test":"others","name":"no","rounds":1}\n'

it('tells what each torture test showed, with the figures that it recorded', () => {
  expect(tortureTests(report, figures, '/house/')).toEqual([
    {
      file: 'test/torture/kill.test.ts',
      test: 'kills',
      outcome: 'passed',
      seconds: 61.2,
      figures: [{ name: 'core killed', rounds: 3, lost: 0 }],
    },
    { file: 'test/torture/kill.test.ts', test: 'both > at once', outcome: 'failed', seconds: 60, figures: [] },
  ])
  expect(tortureTests(null, '', '/house/')).toEqual([])
})

it('keeps the results of the files that did not run again', () => {
  const tests = tortureTests(report, figures, '/house/')
  const before = { 'test/torture/kill.test.ts': { command: 'old' }, 'test/torture/damage.test.ts': { command: 'old' } }
  const results = withTests(before, { command: 'new' }, tests)
  expect(Object.keys(results)).toEqual(['test/torture/damage.test.ts', 'test/torture/kill.test.ts'])
  expect(results['test/torture/damage.test.ts']).toEqual({ command: 'old' })
  expect(results['test/torture/kill.test.ts']).toMatchObject({
    command: 'new',
    minutes: 2,
    tests: [{ test: 'kills' }, {}],
  })
})
