import type { FileHandle } from 'node:fs/promises'
import { DeskvisorError, oneLine } from '../../host/errors.ts'
import { asObject } from '../../host/objects.ts'
import { expectStarted, startProgram } from './program.ts'

/** A hostile image must not take the host's memory along with it. */
const maxMemoryBytes = 2 * 2 ** 30
/** How often the free space is looked at while qemu-img writes. */
const guardMs = 250
const maxJsonBytes = 1024 * 1024

export type ImageFile = {
  file: FileHandle
  /** Always said, so that nothing is guessed from what a guest wrote: qemu-img(1), "-f". */
  format: string
  signal?: AbortSignal | undefined
}

export type ImageInfo = { virtualBytes: number; encrypted: boolean; otherFiles: boolean }

/** The image is handed over as an open file: no name of it is interpreted, and it is the one that was looked at. */
const handedOver = '/dev/fd/3'
const target = '/dev/fd/4'

/** What qemu-img info says. Throws DeskvisorError `tool-missing`, or an Error with its last words. */
export async function imageInfo(image: ImageFile): Promise<ImageInfo> {
  const about = await json(image, ['info', '--output=json', '-f', image.format])
  const specific = asObject(asObject(about['format-specific']).data)
  const extents = Array.isArray(specific.extents) ? specific.extents : []
  return {
    virtualBytes: numberAt(about, 'virtual-size'),
    encrypted: about.encrypted === true,
    otherFiles:
      about['backing-filename'] !== undefined ||
      specific['data-file'] !== undefined ||
      extents.some((extent: unknown) => asObject(extent).filename !== handedOver),
  }
}

/** Bytes of real data that the image holds, so about what a sparse raw disk of it takes. */
export async function dataBytes(image: ImageFile): Promise<number> {
  return numberAt(
    await json(image, ['measure', '--output=json', '-O', 'qcow2', '-f', image.format]),
    'required',
  )
}

/** False when qemu-img check finds that data is damaged or missing. Leaks are harmless, and not each format has a check. */
export async function isSound(image: ImageFile): Promise<boolean> {
  const { status } = await qemuImg(image, ['check', '-f', image.format, handedOver])
  return [0, 3, 63].includes(status)
}

export type Conversion = ImageFile & {
  /** Absolute path, or an open file; written over. */
  to: string | FileHandle
  toFormat: 'raw' | 'qcow2'
  /** Called with 0 to 1. */
  onFraction: (done: number) => void
  /** Called several times a second; what it throws ends the conversion. */
  guard?: () => void
}

/**
 * Writes the image in another format, sparse. Throws what `guard` throws, the reason of an abort,
 * DeskvisorError `tool-missing`, or an Error with qemu-img's last words. The target is left as it is then.
 */
export async function convertImage(conversion: Conversion): Promise<void> {
  const { format, to, toFormat, onFraction, guard } = conversion
  // -t writeback: the default, unsafe, would not even write at the end what the kernel still holds.
  const args = ['convert', '-p', '-t', 'writeback', '-S', '64k', '-f', format, '-O', toFormat, handedOver]
  const isOpen = typeof to !== 'string'
  await succeed(conversion, [...args, isOpen ? target : to], {
    descriptors: isOpen ? [to.fd] : [],
    onOutput(text) {
      const percent = [...text.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1]
      if (percent !== undefined) onFraction(Number(percent) / 100)
    },
    ...(guard ? { guard } : {}),
  })
}

type Watching = { onOutput?: (text: string) => void; guard?: () => void; descriptors?: readonly number[] }

async function json(image: ImageFile, args: readonly string[]): Promise<Record<string, unknown>> {
  return asObject(JSON.parse(await succeed(image, [...args, handedOver])))
}

async function succeed(image: ImageFile, args: readonly string[], watching: Watching = {}): Promise<string> {
  const { status, lastWords, output } = await qemuImg(image, args, watching)
  if (status === 0) return output
  throw new Error(
    oneLine(
      lastWords
        .replace(/^qemu-img: /, '')
        .replaceAll(handedOver, 'it')
        .replaceAll(target, 'the new file'),
    ) || `qemu-img: ${status}`,
  )
}

async function qemuImg({ file, signal }: ImageFile, args: readonly string[], watching: Watching = {}) {
  const limited = [`--as=${maxMemoryBytes}`, '--', 'qemu-img', ...args]
  const program = startProgram('prlimit', limited, {
    descriptors: [file.fd, ...(watching.descriptors ?? [])],
    signal,
  })
  let stopped: unknown
  const timer = setInterval(() => {
    try {
      watching.guard?.()
    } catch (error) {
      stopped ??= error
      program.kill()
    }
  }, guardMs)
  let output = ''
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    watching.onOutput?.(text)
    output = (output + text).slice(-maxJsonBytes)
  })
  const { status, lastWords } = await program.ended.finally(() => clearInterval(timer))
  if (stopped !== undefined) throw stopped
  signal?.throwIfAborted()
  // prlimit itself ends with 127 when it cannot find the program.
  expectStarted(status, 'qemu-img', 'qemu-utils')
  return { status, lastWords, output }
}

function numberAt(value: Record<string, unknown>, key: string): number {
  const number = value[key]
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new DeskvisorError('tool-failed', `qemu-img does not say its ${key}.`)
}
