import type { WindowState } from './settings.ts'

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export const MIN_WIDTH = 940
export const MIN_HEIGHT = 600
const DEFAULT = { width: 1360, height: 880 }
/** So much of the window, in pixels each way, has to lie on a screen for it to be found and dragged. */
const GRIP = 120

/**
 * Where a window opens: where it was, if it can still be reached there, else centred (no x and y) at a size that fits.
 * @param workAreas The screens without their panels, the primary one first.
 */
export function placeWindow(saved: WindowState | undefined, workAreas: readonly Rectangle[]): WindowState {
  const screen = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT }
  const fit = (size: { width: number; height: number }, area: Rectangle) => ({
    width: Math.max(MIN_WIDTH, Math.min(size.width, area.width)),
    height: Math.max(MIN_HEIGHT, Math.min(size.height, area.height)),
  })
  if (!saved) return { ...fit(DEFAULT, screen), maximized: false }
  const { x, y, maximized } = saved
  const home =
    x === undefined || y === undefined ? undefined : workAreas.find((area) => reachable({ ...saved, x, y }, area))
  if (!home) return { ...fit(saved, screen), maximized }
  return { x, y, ...fit(saved, home), maximized }
}

// The title bar is at the top, so the top edge itself has to be on the screen.
const reachable = (window: Rectangle, area: Rectangle) =>
  Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x) >= GRIP &&
  window.y >= area.y &&
  window.y + GRIP <= area.y + area.height
