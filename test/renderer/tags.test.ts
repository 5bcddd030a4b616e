import { describe, expect, it } from 'vitest'
import { commonTags, parseTags, retag } from '../../src/renderer/components/runs/tags.ts'

describe('tags', () => {
  it('come from text with commas, trimmed and each once', () => {
    expect(parseTags(' a, b c ,, a,')).toEqual(['a', 'b c'])
    expect(parseTags('')).toEqual([])
    expect(parseTags('x'.repeat(80))[0]).toHaveLength(60)
  })

  it('of a selection are those that all have', () => {
    expect(
      commonTags([
        ['a', 'b'],
        ['b', 'c'],
      ]),
    ).toEqual(['b'])
    expect(commonTags([])).toEqual([])
  })

  it('that only some runs have survive a change of the common ones', () => {
    expect(retag(['own', 'b'], ['b'], ['new'])).toEqual(['own', 'new'])
    expect(retag(['own', 'b'], ['b'], ['b'])).toEqual(['own', 'b'])
    expect(retag(['b'], ['b'], [])).toEqual([])
  })
})
