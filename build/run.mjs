// `npm start`: the image in a virtual PC, with its serial console in this terminal.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { adviceForStart, smallTerminal } from './advice.mjs'
import deps from './deps.mjs'
import { makeDisk } from './disk.mjs'
import image from './image.mjs'
import { withNpmWords } from './npm-words.mjs'
import { beginStep, clock, say } from './progress.mjs'
import { dist } from './tools.mjs'
import { privateFolder, unfinishedFolder } from './unfinished.mjs'

const usage = `npm start [-- --boot] [--desktop] [--window] [--fresh]

  (nothing)   the recovery menu, here in this terminal; from the second time
              on within seconds. What is done in it is forgotten when it ends.
  --boot      the whole way from power-on to the menu, on a disk that keeps
              what is done to it
  --desktop   the same, but silently, as a real PC boots; this terminal tells
              what its screen shows
  --window    show the PC's screen in a window too
  --fresh     forget what was kept of earlier starts

Leave with Ctrl-A, then X.`

const options = ['--boot', '--desktop', '--window', '--fresh']

const noScreen =
  'There is no screen to show a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). Without --window, npm start shows ' +
  'the PC in this terminal; with --desktop it also tells what the PC has on its screen.'

export default async function run(words) {
  const args = withNpmWords(words, options)
  const unknown = args.filter((word) => ![...options, '--help'].includes(word))
  if (unknown.length > 0) console.error(`Unknown: ${unknown.join(' ')}\n`)
  if (unknown.length > 0 || args.includes('--help')) {
    console[unknown.length > 0 ? 'error' : 'log'](usage)
    return unknown.length > 0 ? 2 : 0
  }
  const [boot, desktop, window, fresh] = options.map((option) => args.includes(option))
  if (window && !hasScreen()) throw new Error(noScreen)
  // Its module for windows is a package of its own.
  if (window) await deps(['qemu-system-gui'])
  await image([], 2)
  await makeDisk()
  const { startInTerminal } = await import('../tests/scenarios/start.ts')
  if (kvmIsClosed()) {
    say(
      '        Without access to /dev/kvm the virtual PC is emulated, which is slower. To change that, log in again after:',
    )
    say(`            sudo usermod --append --groups kvm ${userInfo().username}`)
  }
  for (const line of smallTerminal(process.stdout)) say(`        ${line}`)
  const progress = beginStep('Virtual PC', ' …')
  try {
    return await startInTerminal({
      ...{ boot, desktop, window, fresh },
      scratch: unfinishedFolder(privateFolder(join(tmpdir(), `deskvisor-${process.getuid()}`))),
      unfinished: unfinishedFolder(dist()),
      ...{ tell: progress.now, say },
      ready: () => {
        progress.end()
        // What was said of the build is above the screen then, and not in between what the PC draws.
        if (process.stdout.isTTY) process.stdout.write(`${'\n'.repeat(process.stdout.rows)}\x1b[H`)
        say(`${clock()}  The virtual PC is yours. Ctrl-A, then X, ends it.\n`)
      },
    })
  } catch (error) {
    progress.end()
    throw new Error(`${error.message}\n\n${adviceForStart({ boot, window, hasScreen: hasScreen() })}`)
  }
}

/** A window goes where one of these leads (X(7), wayland). */
function hasScreen(env = process.env) {
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** Where the PC could run by hardware, if this user were let in. Its own VM needs nested virtualisation. */
function kvmIsClosed() {
  const nested = ['kvm_intel', 'kvm_amd'].map((module) => `/sys/module/${module}/parameters/nested`)
  if (!nested.some((file) => existsSync(file) && /^[Y1]/.test(readFileSync(file, 'utf8')))) return false
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return false
  } catch {
    return existsSync('/dev/kvm')
  }
}
