import { bootKeys } from './types.ts'

/**
 * JSON schema of deskvisor.toml. `node build.mjs generate` compiles it, because compiling at run time costs
 * the boot 40 ms and 8 MB. `description` continues the sentence "expected …" of an error message.
 */
const table = { type: 'object', additionalProperties: false, description: 'a table' } as const

function wholeNumber(minimum: number, maximum: number) {
  return {
    type: 'integer',
    minimum,
    maximum,
    description: `a whole number from ${minimum} to ${maximum}`,
  } as const
}

export const configSchema = {
  ...table,
  properties: {
    boot: {
      ...table,
      properties: {
        key: { enum: bootKeys, description: `one of ${bootKeys.join(', ')}` },
        max_failed_starts: wholeNumber(1, 100),
      },
    },
    console: {
      ...table,
      properties: {
        memory_reserve_mib: {
          anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 256, maximum: 1_048_576 }],
          description: '"auto" or a whole number of MiB from 256 to 1048576',
        },
        without_gpu: { enum: ['recovery', 'emulated'], description: '"recovery" or "emulated"' },
        without_kvm: { enum: ['recovery', 'emulate'], description: '"recovery" or "emulate"' },
        on_guest_reboot: { enum: ['relaunch', 'reboot-host'], description: '"relaunch" or "reboot-host"' },
      },
    },
    passthrough: {
      ...table,
      properties: {
        keep: {
          type: 'array',
          maxItems: 256,
          items: {
            type: 'string',
            pattern: '^([0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]|[0-9a-fA-F]{4}:[0-9a-fA-F]{4})$',
            description: 'a PCI address like "0000:03:00.0" or a vendor:device pair like "10de:2484"',
          },
          description: 'a list of PCI addresses or vendor:device pairs',
        },
      },
    },
    snapshots: {
      ...table,
      properties: {
        keep_last: wholeNumber(1, 10_000),
        keep_hourly: wholeNumber(0, 10_000),
        keep_daily: wholeNumber(0, 10_000),
        keep_weekly: wholeNumber(0, 10_000),
        keep_monthly: wholeNumber(0, 10_000),
        free_floor_gib: {
          anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 0, maximum: 1_048_576 }],
          description: '"auto" or a whole number of GiB from 0 to 1048576',
        },
      },
    },
  },
} as const

/** The part of the schema that describes one key, or undefined for a key that there is not. */
export function schemaAt(path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = configSchema
  for (const step of path) {
    node =
      node?.items ??
      (node?.properties && Object.hasOwn(node.properties, step) ? node.properties[step] : undefined)
  }
  return node
}

export type SchemaNode = {
  readonly description: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
}
