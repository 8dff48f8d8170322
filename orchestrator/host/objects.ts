/** The fields of a value that somebody else wrote, each to be looked at before it is believed; none of what is no object. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
