import { describe, expect, it } from 'vitest'
import { fitGrid, nameFromFolder, zoomsFor } from '../../src/renderer/components/data/image-grid.ts'
import { FolderImport } from '../../src/shared/datasets.ts'

describe('a grid of images', () => {
  it('fills the space with whole images', () => {
    expect(fitGrid(58, 200, 28, 2)).toEqual({ columns: 1, rows: 3, tile: 56 })
    expect(fitGrid(114, 56, 28, 2)).toEqual({ columns: 2, rows: 1, tile: 56 })
  })

  it('asks for one at least and for no more than the API gives', () => {
    expect(fitGrid(0, 0, 28, 2)).toMatchObject({ columns: 1, rows: 1 })
    expect(fitGrid(5000, 5000, 28, 1)).toMatchObject({ columns: 32, rows: 32 })
  })

  it('offers sizes from the image itself to about 130 px', () => {
    expect(zoomsFor(28)).toEqual([1, 2, 3, 4])
    expect(zoomsFor(64)).toEqual([1, 2])
    expect(zoomsFor(256)).toEqual([1])
  })
})

it('makes a name that the import takes out of a folder', () => {
  expect(nameFromFolder('/home/ada/Blüten & Blätter (2024)/')).toBe('bluten-blatter-2024')
  expect(nameFromFolder('C:\\Users\\Ada\\Cats')).toBe('cats')
  expect(nameFromFolder('/')).toBe('')
  const long = nameFromFolder(`/x/${'a'.repeat(100)}`)
  expect(FolderImport.shape.name.safeParse(long).success).toBe(true)
})
