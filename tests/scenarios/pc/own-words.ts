/** Why QEMU ended, of all that it said; empty where it only warned. */
export function ownWords(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/\bwarning: /.test(line))
  return lines.join('\n')
}
