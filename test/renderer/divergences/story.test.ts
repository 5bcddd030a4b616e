import { mount } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import { claimsOf, storyValues } from '../../../src/renderer/components/divergences/claims.ts'
import Formula from '../../../src/renderer/components/divergences/Formula.vue'
import { language, languages } from '../../../src/renderer/components/divergences/language.ts'
import PointThatLearns from '../../../src/renderer/components/divergences/PointThatLearns.vue'
import ReadOut from '../../../src/renderer/components/divergences/ReadOut.vue'
import { readingsAt } from '../../../src/renderer/components/divergences/readings.ts'
import { formulas, namesIn, partsOf, withValues } from '../../../src/renderer/components/divergences/story.ts'
import StoryPanel from '../../../src/renderer/components/divergences/StoryPanel.vue'
import ThetaPane from '../../../src/renderer/components/divergences/ThetaPane.vue'
import { closedCurves } from '../../../src/renderer/components/divergences/curves.ts'
import { makeFound } from './found.ts'

afterEach(() => (language.value = 'en'))

const found = makeFound()
const { rows } = readingsAt(found, true, 0.5)
const values = storyValues(rows, found, 0.5, { wasserstein: 0.001, js: 0.8 })

/** All paragraphs of a story. */
function paragraphs(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(paragraphs)
}

test('a paragraph is taken apart into words, formulas, numbers and claims', () => {
  expect(partsOf('At $x=\\{0\\}$ [w|W is {w}, $[0,1]$], so')).toEqual([
    { type: 'text', text: 'At ' },
    { type: 'formula', tex: 'x=\\{0\\}' },
    { type: 'text', text: ' ' },
    {
      type: 'claim',
      claim: 'w',
      parts: [
        { type: 'text', text: 'W is ' },
        { type: 'value', name: 'w' },
        { type: 'text', text: ', ' },
        { type: 'formula', tex: '[0,1]' },
      ],
    },
    { type: 'text', text: ', so' },
  ])
  expect(partsOf('each $x$, then')[2]).toEqual({ type: 'text', text: '\u2060, then' })
  expect(() => partsOf('[w|open')).toThrow('A claim is not closed')
  expect(() => partsOf('no] claim')).toThrow('A bracket closes no claim')
  expect(() => partsOf('[a|b [c|d]]')).toThrow('stands inside another one')
  expect(withValues('\\theta=@theta', { theta: '−0.50' })).toBe('\\theta={-0.50}')
  expect(withValues('@a', { a: '∞' })).toBe('{\\infty}')
})

test.each(languages.map((l) => [l.language.name, l] as const))(
  'the story in %s: its claims point at the page',
  (_, texts) => {
    const claims = claimsOf(found)
    const seen = new Set<string>()
    for (const text of paragraphs(texts.story)) {
      const names = namesIn(partsOf(text))
      for (const claim of names.claims) {
        seen.add(claim)
        expect(claims, claim).toHaveProperty(claim)
      }
      for (const value of names.values) expect(values, value).toHaveProperty(value)
    }
    // None is left without a sentence.
    expect([...seen].toSorted()).toEqual(Object.keys(claims).toSorted())
    const cells = new Set(
      rows
        .flatMap((row) => [row.exact, row.exactSlope, row.learned, row.learnedSlope, ...row.samples])
        .map((c) => c?.id),
    )
    for (const claim of Object.values(claims)) for (const cell of claim.cells) expect(cells).toContain(cell)
  },
)

test('every formula can be typeset, left to right, with MathML for who listens', () => {
  for (const tex of Object.values(formulas)) {
    const page = mount(Formula, { props: { tex, display: true } })
    expect(page.html()).not.toContain('katex-error')
    expect(page.find('math').exists()).toBe(true)
    expect(page.attributes('dir')).toBe('ltr')
  }
  for (const text of languages.flatMap((l) => paragraphs(l.story)))
    for (const part of partsOf(text).flatMap((p) => (p.type === 'claim' ? p.parts : [p])))
      if (part.type === 'formula')
        expect(mount(Formula, { props: { tex: withValues(part.tex, values) } }).html()).not.toContain('katex-error')
})

test('the text says the page’s numbers, and who looks at a claim is shown it', async () => {
  const page = mount(StoryPanel, { props: { closed: true, trained: true, descended: true, values, active: null } })
  expect(page.text()).toContain('W₁ is 0.500')
  expect(page.text()).toContain('worst error is 2.0 %')
  expect(page.text()).toContain('the point comes to θ = 0')
  const claim = page.findAll('[role=button]').find((c) => c.text().startsWith('W₁ is 0.500'))!
  expect(claim.attributes('tabindex')).toBe('0')
  await claim.trigger('focus')
  await claim.trigger('blur')
  await claim.trigger('pointerenter')
  expect(page.emitted('look')).toEqual([['w'], [null], ['w']])
  const before = mount(StoryPanel, { props: { closed: true, trained: false, descended: true, values, active: null } })
  expect(before.text()).not.toContain('worst error')
})

test('Hebrew runs from right to left, and its formulas from left to right', async () => {
  language.value = 'he'
  const page = mount(StoryPanel, { props: { closed: true, trained: true, descended: true, values, active: null } })
  expect(page.attributes()).toMatchObject({ dir: 'rtl', lang: 'he' })
  expect(page.text()).toContain('מה רואים כאן')
  expect(
    page.findAll('.katex').every((formula) => formula.element.closest('[dir]')!.getAttribute('dir') === 'ltr'),
  ).toBe(true)
  language.value = 'klingon'
  await page.vm.$nextTick()
  expect(page.attributes('lang')).toBe('en')
})

test('the table shows ∞ as ∞, and what a claim is about stands out', () => {
  const page = mount(ReadOut, { props: { rows, theta: 0.5, measuredAt: 0.5, highlight: ['js.exact value'] } })
  expect(page.find('tbody tr').text()).toContain('∞')
  expect(
    page
      .findAll('td')
      .filter((cell) => cell.classes('font-semibold'))
      .map((cell) => cell.text()),
  ).toEqual(['0.693'])
})

test('a chart has a row for ∞, and what is not looked at steps back', () => {
  const page = mount(ThetaPane, {
    props: {
      curves: closedCurves('value', -1, 1),
      x: { low: -1, high: 1 },
      height: 150,
      title: 'KL',
      description: 'KL over θ',
      highlight: ['klPQ.exact'],
    },
  })
  expect(page.get('svg').attributes('aria-label')).toBe('KL over θ')
  expect(page.findAll('text').map((t) => t.text())).toContain('∞')
  const groups = page.findAll('g[opacity]').map((g) => g.attributes('opacity'))
  expect(groups).toEqual(['1', '0.16', '0.16', '0.16'])
})

test('points that learn are shown side by side, live and as recorded', async () => {
  const page = mount(PointThatLearns, {
    props: { found, closed: true, steps: 40, rate: 0.06, highlight: [], start: 0.8 },
  })
  expect(page.findAll('svg[aria-label]').length).toBe(5)
  expect(page.text().match(/stands still/g)!.length).toBe(3)
  expect(page.text().match(/arrives/g)!.length).toBe(2)
  await page.get('input[aria-label^="θ₀"]').setValue('-0.5')
  expect(page.emitted('update:start')![0]).toEqual([-0.5])
})
