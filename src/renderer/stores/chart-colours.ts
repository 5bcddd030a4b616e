import { defineStore } from 'pinia'
import { allotSlots } from '../charts/palette.ts'

/** Palette slots of runs, so that a run keeps its colour from page to page for as long as the window is open. */
export const useChartColours = defineStore('chart-colours', () => {
  const held = new Map<string, number>()
  return {
    slotsOf(runIds: readonly string[]): Map<string, number> {
      const slots = allotSlots(runIds, held)
      for (const [id, slot] of slots) held.set(id, slot)
      return slots
    },
  }
})
