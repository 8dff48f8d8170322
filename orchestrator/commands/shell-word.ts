/** A name as one can type it into a shell: quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\p{L}\p{M}\p{N}._:@+/-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
