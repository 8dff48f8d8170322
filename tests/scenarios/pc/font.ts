import { execFile } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'

const run = promisify(execFile)

/** A console font: glyph bitmaps of 8 pixels a row, and the character that each one shows. */
export type ConsoleFont = { height: number; glyphs: Uint8Array[]; characters: (string | undefined)[] }

/**
 * The kernel's own VGA 8x16 font (lib/fonts/font_8x16.c). Debian's `console-data` carries the same bitmaps as
 * code page 865; the four characters where that differs from the kernel's code page 437 are left out.
 * Where the package is not installed, it is fetched by apt and unpacked into `cache`.
 */
export async function kernelFont(cache: string): Promise<ConsoleFont> {
  const file = await fontFile(cache)
  const font = parsePsf1(gunzipSync(file))
  const characters = Array.from({ length: 256 }, (_, code) =>
    differsFromKernel.has(code) ? undefined : codePage437[code],
  )
  return { ...font, characters }
}

const differsFromKernel = new Set([0x8f, 0x9b, 0x9d, 0xaf])

/** What each glyph position shows: the kernel's default map, drivers/tty/vt/cp437.uni. */
const codePage437: string[] = [
  ...' ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼',
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)),
  ...'⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»',
  ...'░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀',
  ...'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ',
]

/** PSF version 1, https://www.win.tue.nl/~aeb/linux/kbd/font-formats-1.html */
export function parsePsf1(file: Uint8Array): Omit<ConsoleFont, 'characters'> {
  if (file[0] !== 0x36 || file[1] !== 0x04) throw new Error('Expected a PSF version 1 console font')
  const count = (file[2] ?? 0) & 1 ? 512 : 256
  const height = file[3] ?? 0
  if (height === 0 || file.length < 4 + count * height) throw new Error('The PSF font is cut short')
  const glyphs = Array.from({ length: count }, (_, index) =>
    file.subarray(4 + index * height, 4 + (index + 1) * height),
  )
  return { height, glyphs }
}

const inPackage = 'usr/share/consolefonts/cp865-8x16.psf.gz'

async function fontFile(cache: string): Promise<Buffer> {
  const folder = join(cache, 'console-data')
  for (const root of ['/', folder]) {
    const file = await readFile(join(root, inPackage)).catch(() => undefined)
    if (file) return file
  }
  await mkdir(folder, { recursive: true })
  await run('apt-get', ['download', 'console-data'], { cwd: folder })
  const { stdout } = await run('find', [folder, '-maxdepth', '1', '-name', '*.deb'])
  const archive = stdout.trim().split('\n')[0] ?? ''
  await run('dpkg-deb', ['-x', archive, folder])
  await rm(archive)
  return readFile(join(folder, inPackage))
}
