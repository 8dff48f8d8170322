/** A device number as sysfs and /proc write it, `8:1`; makedev(3) says how it is made of its two halves. */
export function deviceNumber(device: number): string {
  const number = BigInt(device)
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)
  const minor = (number & 0xffn) | ((number >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}
