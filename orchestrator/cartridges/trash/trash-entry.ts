/** `.trash-NAME-2026-11-20T21:05:03Z`, with `-2` and so on for a second one in the same second. */
const pattern = /^\.trash-(.+)-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:-\d+)?$/

/** What the name of a folder in the trash says: the name that it had, and since when it lies there (ISO time). */
export function parseTrashEntry(entry: string): { name: string; deletedAt: string } | undefined {
  const [, name, deletedAt] = pattern.exec(entry) ?? []
  return name === undefined || deletedAt === undefined || Number.isNaN(Date.parse(deletedAt))
    ? undefined
    : { name, deletedAt }
}
