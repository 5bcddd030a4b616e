/** What can be shown and hidden, from the ground up, and the key that does it. */
export const layerKeys = {
  map: 'd',
  contours: 'c',
  manifold: 'm',
  real: 'r',
  fake: 'g',
  trails: 't',
  arrows: 'a',
} as const
export type LayerName = keyof typeof layerKeys
export type Layers = Record<LayerName, boolean>
export const layerNames = Object.keys(layerKeys) as LayerName[]

export const firstLayers: Layers = {
  map: true,
  contours: true,
  manifold: false,
  real: true,
  fake: true,
  trails: false,
  arrows: true,
}

/** The layer that a key switches, or null. */
export const layerOfKey = (key: string): LayerName | null =>
  layerNames.find((name) => layerKeys[name] === key.toLowerCase()) ?? null
