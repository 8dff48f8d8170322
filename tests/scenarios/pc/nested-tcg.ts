import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ownWords } from './own-words.ts'

const run = promisify(execFile)
const source = join(import.meta.dirname, 'nested-tcg.c')
/** What QEMU ends with when it is only asked whether the library finds its way into it (nested-tcg.c, IN_PLACE). */
const inPlace = 42

/** By the folder that it is in. */
const made = new Map<string, Promise<string>>()

/**
 * Three faults of QEMU's emulated AMD virtualisation (7.2 to 10.0) that end a virtual PC with a VM in it, or the VM; a
 * small library works around them. Returns the environment that makes QEMU load it.
 *
 * - A guest that writes CR8 while KVM waits for its interrupt window (OVMF does so at every interrupt) ends QEMU:
 *   helper_write_crN calls cpu_interrupt() without the big lock, and tcg_handle_interrupt() asserts that it is held.
 *   The library takes the lock where the caller forgot to.
 * - Every exit from a guest clears a bit of `interrupt_request` without lock or atomicity (do_vmexit), which may undo what
 *   another thread sets in that moment. The interrupt is never delivered, and the PC stands still. The library has every
 *   processor look at its interrupt controller again, ten times a second, while a guest runs: from its first exit or
 *   write to CR8, or from the start where the PC goes on from a saved state, in which its guest may run already
 *   (`resumed`).
 * - An interrupt that KVM injects is delivered by helper_vmrun, which leaves its vector in `exception_index`. If the
 *   processor is then told to leave its loop (cpu_exit) before its next exit from the guest, cpu_handle_exception delivers
 *   the same interrupt once more, with the guest's interrupts disabled. A Linux guest in whose scheduler that happens waits
 *   for ever for a lock that it holds itself. The library drops such an exception: no other has the number of a device's
 *   interrupt.
 */
export async function nestedTcgEnvironment(
  cache: string,
  { resumed = false } = {},
): Promise<Record<string, string>> {
  const making = made.get(cache) ?? makeLibrary(cache)
  made.set(cache, making)
  // By its name alone: in a list of paths, blanks separate (ld.so(8)).
  const library = await making
  const preloaded = { LD_PRELOAD: basename(library), LD_LIBRARY_PATH: dirname(library) }
  return { ...preloaded, ...(resumed ? { NESTED_TCG_GUEST_RUNS: '1' } : {}) }
}

/** What this QEMU does when it is to emulate a PC with `arguments` and the library in it: null where that works, else its own words. */
export async function nestedTcgObstacle(
  cache: string,
  acceleration: string[],
  program = 'qemu-system-x86_64',
): Promise<string | null> {
  const environment = { ...process.env, ...(await nestedTcgEnvironment(cache)), NESTED_TCG_CHECK: '1' }
  const machine = ['-machine', 'q35', '-nodefaults', '-no-user-config', '-display', 'none', '-S']
  // Where the library does nothing, the end of its input ends QEMU.
  const child = spawn(program, [...acceleration, ...machine, '-monitor', 'stdio'], {
    env: environment,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.on('error', () => undefined).end('quit\n')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [status] = await once(child, 'close').catch((error: Error) => [error.message])
  if (status === inPlace) return null
  const why = status === 0 ? 'the functions of its emulator that need mending are not found' : ownWords(said)
  return why || `it ended with ${status}`
}

/** Complete or not there at all: a PC that runs has it mapped, so it is never written to again. */
async function makeLibrary(cache: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16)
  const library = join(cache, `nested-tcg-${hash}.so`)
  const unfinished = `${library}.${process.pid}`
  await mkdir(cache, { recursive: true })
  await run('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', unfinished, source, '-ldl'])
  await rename(unfinished, library)
  return library
}
