/** Lets the first of many calls through, and then at most one in so many milliseconds: for what a guest could repeat for ever. */
export function throttle(milliseconds: number, act: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - last < milliseconds) return
    last = performance.now()
    act()
  }
}
