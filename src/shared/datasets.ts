import { z } from 'zod'

/**
 * A prepared data set in the cache: `<cache>/datasets/<id>/manifest.json` beside raw files, so that a worker maps or
 * reads them once and the core can show images without parsing anything.
 */
export const DatasetSplit = z.object({
  count: z.number().int(),
  /** `count` × height × width × channels unsigned bytes. */
  images: z.string(),
  /** `count` unsigned bytes, or null when the set has no classes. */
  labels: z.string().nullable(),
  /** Of the images' file followed by the labels' file, if there is one. */
  sha256: z.string(),
})
export const DatasetManifest = z.object({
  format: z.literal(1),
  id: z.string(),
  title: z.string(),
  height: z.number().int(),
  width: z.number().int(),
  channels: z.union([z.literal(1), z.literal(3)]),
  classes: z.array(z.string()),
  source: z.string(),
  train: DatasetSplit,
  test: DatasetSplit.nullable(),
  /** Files of an image folder that could not be read, by name, with why. */
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
  preparedAt: z.number(),
})
export type DatasetManifest = z.infer<typeof DatasetManifest>

/** A data set as the window and the CLI list it. */
export const Dataset = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  source: z.string(),
  state: z.enum(['ready', 'missing', 'preparing', 'failed']),
  /** How far a preparation is, 0 to 1, and what it does. */
  progress: z.object({ fraction: z.number().nullable(), message: z.string() }).nullable(),
  problem: z.string().nullable(),
  height: z.number().int(),
  width: z.number().int(),
  channels: z.number().int(),
  classes: z.array(z.string()),
  trainCount: z.number().int(),
  testCount: z.number().int(),
  bytes: z.number().nullable(),
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
  /** Brought in by the user, so it can be removed from the list. */
  imported: z.boolean(),
})
export type Dataset = z.infer<typeof Dataset>

/** A folder's path as it can be handed to a process. */
export const FolderPath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'No path holds a NUL character.')

export const FolderImport = z.object({
  folder: FolderPath,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'A name is made of small letters, digits and dashes.'),
  size: z.literal([28, 32, 64]),
  colour: z.enum(['grey', 'rgb']),
})
export type FolderImport = z.infer<typeof FolderImport>

/** What the data-set process says on its standard output, a JSON object a line. */
export const DatasetMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), fraction: z.number().nullable(), message: z.string() }),
  z.object({ type: z.literal('ready'), manifest: DatasetManifest }),
  z.object({ type: z.literal('failed'), message: z.string(), hint: z.string().nullable() }),
])
export type DatasetMessage = z.infer<typeof DatasetMessage>

/** The data sets that Atelier knows how to get by itself. */
export const knownDatasets = [
  {
    id: 'mnist',
    title: 'MNIST',
    description: 'Handwritten digits: 60,000 training and 10,000 test images of 28×28 grey pixels.',
    source: 'LeCun, Cortes and Burges, 1998',
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  },
  {
    id: 'fashion-mnist',
    title: 'Fashion-MNIST',
    description: 'Articles of clothing: 60,000 training and 10,000 test images of 28×28 grey pixels, original split.',
    source: 'Xiao, Rasul and Vollgraf, Zalando Research, 2017',
    classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  },
] as const
