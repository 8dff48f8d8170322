// D-Bus specification, "Marshaling (Wire Format)" (https://dbus.freedesktop.org/doc/dbus-specification.html).

/** A value for a signature: a number for u, i, t and y, a text for s, o and g, a boolean for b, a list for arrays and structs. */
export type BusValue = string | number | bigint | boolean | Uint8Array | readonly BusValue[]

const alignments: Record<string, number> = {
  y: 1,
  g: 1,
  v: 1,
  b: 4,
  i: 4,
  u: 4,
  s: 4,
  o: 4,
  a: 4,
  t: 8,
  '(': 8,
}

/** Writes values as D-Bus marshals them, in little-endian byte order. */
export class BusWriter {
  #bytes = Buffer.alloc(8192)
  #length = 0

  get length(): number {
    return this.#length
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  all(signature: string, values: readonly BusValue[]): void {
    for (const [index, type] of typesOf(signature).entries()) this.value(type, values[index] as BusValue)
  }

  /** One value of one complete type. A variant is given as a pair: its signature and its value. */
  value(type: string, value: BusValue): void {
    this.align(alignments[type.charAt(0)] ?? 1)
    if (type.startsWith('a')) this.#array(type.slice(1), value as readonly BusValue[] | Uint8Array)
    else if (type.startsWith('(')) this.all(type.slice(1, -1), value as readonly BusValue[])
    else if (type === 'v') this.#variant(value as readonly [string, BusValue])
    else if (/^[sog]$/.test(type)) this.#text(type, String(value))
    else this.#number(type, value as number | bigint | boolean)
  }

  align(to: number): void {
    this.#room((to - (this.#length % to)) % to)
  }

  #number(type: string, value: number | bigint | boolean): void {
    const at = this.#room(alignments[type] ?? 0)
    if (type === 'y') this.#bytes.writeUInt8(Number(value), at)
    else if (type === 'i') this.#bytes.writeInt32LE(Number(value), at)
    else if (type === 't') this.#bytes.writeBigUInt64LE(BigInt(value), at)
    else this.#bytes.writeUInt32LE(Number(value), at)
  }

  #variant([signature, value]: readonly [string, BusValue]): void {
    this.#text('g', signature)
    this.value(signature, value)
  }

  #text(type: string, text: string): void {
    const size = Buffer.byteLength(text)
    this.value(type === 'g' ? 'y' : 'u', size)
    const at = this.#room(size + 1)
    this.#bytes.write(text, at)
  }

  #array(type: string, values: readonly BusValue[] | Uint8Array): void {
    const sizeAt = this.#room(4)
    // What stands between the size and the first element does not count.
    this.align(alignments[type.charAt(0)] ?? 1)
    const start = this.#length
    for (const value of values) this.value(type, value)
    this.#bytes.writeUInt32LE(this.#length - start, sizeAt)
  }

  /** Where the next `size` bytes stand; they are zero. */
  #room(size: number): number {
    const at = this.#length
    this.#length += size
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(2 * this.#length)
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    return at
  }
}

/** The complete types of a signature: `sa(ss)u` has three. */
function typesOf(signature: string): string[] {
  const types: string[] = []
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at)
    types.push(signature.slice(at, end))
    at = end
  }
  return types
}

function endOfType(signature: string, at: number): number {
  if (signature[at] === 'a') return endOfType(signature, at + 1)
  if (signature[at] !== '(') return at + 1
  let end = at + 1
  while (signature[end] !== ')') end = endOfType(signature, end)
  return end + 1
}
