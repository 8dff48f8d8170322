/** In QEMU's option syntax a comma ends a value; a doubled one stands for itself. */
export function escapeCommas(text: string): string {
  return text.replaceAll(',', ',,')
}
