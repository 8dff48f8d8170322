import { join } from 'node:path'

const repository = join(import.meta.dirname, '../../..')

/** Where the virtual PCs find what they boot and leave what they saw. */
export const places = {
  dist: join(repository, 'dist'),
  image: join(repository, 'dist/deskvisor.raw'),
  bootPicture: join(repository, 'dist/native/boot-picture.rom'),
  testGuest: join(repository, 'dist/test-guest.raw'),
  cache: join(repository, 'dist/cache'),
  results: join(repository, 'dist/test-results'),
  /** What passed, by scenario. */
  kept: join(repository, 'dist/passed'),
} as const
