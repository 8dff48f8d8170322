/** What is needed to put snapshots into the order in which they were taken. */
export type Placed = { name: string; takenAt: string; count: number; after: string | null }

/**
 * Oldest first. The clock of a PC may jump: a dead battery sets it back by years, a wrong one ahead. A snapshot that was
 * taken when another one seemed to lie in the future (or in the same second) says which one was the last before it
 * (`after`), and stands behind that.
 */
export function inOrder<Item extends Placed>(items: readonly Item[]): Item[] {
  const known = new Set(items.map(({ name }) => name))
  const followers = new Map<string, Item[]>()
  const sorted = [...items].sort(byTime)
  const anchored = new Set<Item>()
  for (const item of sorted) {
    if (item.after === null || !known.has(item.after) || item.after === item.name) continue
    followers.set(item.after, [...(followers.get(item.after) ?? []), item])
    anchored.add(item)
  }
  if (anchored.size === 0) return sorted
  const result = new Set<Item>()
  const place = (item: Item) => {
    for (const pending = [item]; pending.length > 0; ) {
      const next = pending.pop()
      if (next === undefined || result.has(next)) continue
      result.add(next)
      pending.push(...(followers.get(next.name) ?? []).reverse())
    }
  }
  for (const item of sorted) if (!anchored.has(item)) place(item)
  // Whoever edited the notes into a circle still sees every snapshot.
  for (const item of sorted) place(item)
  return [...result]
}

function byTime(one: Placed, other: Placed): number {
  if (one.takenAt !== other.takenAt) return one.takenAt < other.takenAt ? -1 : 1
  if (one.count !== other.count) return one.count - other.count
  return one.name < other.name ? -1 : 1
}
