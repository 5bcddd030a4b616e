import { describe, expect, it } from 'vitest'
import { rangeOf, toggle, windowOf } from '../../src/renderer/components/runs/selection.ts'

const ids = ['a', 'b', 'c', 'd', 'e']
const none = { ids: new Set<string>(), anchor: null }

describe('selecting rows', () => {
  it('selects from the last clicked to the clicked one with Shift, in either direction', () => {
    const first = toggle(none, ids, 'd', false)
    expect([...toggle(first, ids, 'b', true).ids].toSorted()).toEqual(['b', 'c', 'd'])
    expect(rangeOf(ids, 'b', 'e')).toEqual(['b', 'c', 'd', 'e'])
  })

  it('takes a stretch back when the clicked row was selected', () => {
    const all = { ids: new Set(ids), anchor: 'b' }
    expect([...toggle(all, ids, 'd', true).ids]).toEqual(['a', 'e'])
  })

  it('keeps what is selected but not shown', () => {
    const selected = { ids: new Set(['hidden']), anchor: 'hidden' }
    expect([...toggle(selected, ids, 'c', true).ids]).toEqual(['hidden', 'c'])
  })

  it('switches a single row without Shift', () => {
    const once = toggle(none, ids, 'c', false)
    expect([...once.ids]).toEqual(['c'])
    expect([...toggle(once, ids, 'c', false).ids]).toEqual([])
    expect([...none.ids]).toEqual([])
  })
})

describe('the rows in sight', () => {
  it('covers every row that shows, even in part', () => {
    expect(windowOf(0, 100, 40, 1000, 0)).toEqual({ first: 0, last: 3 })
    expect(windowOf(50, 100, 40, 1000, 0)).toEqual({ first: 1, last: 4 })
    expect(windowOf(400, 100, 40, 1000, 5)).toEqual({ first: 5, last: 18 })
  })

  it('stays within the list at its ends and after it has shrunk', () => {
    expect(windowOf(39_900, 100, 40, 1000, 6)).toEqual({ first: 991, last: 1000 })
    expect(windowOf(39_900, 100, 40, 3, 6)).toEqual({ first: 0, last: 3 })
    expect(windowOf(0, 100, 40, 0, 6)).toEqual({ first: 0, last: 0 })
  })
})
