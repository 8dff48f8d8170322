// `npm start`: boots the image in a virtual PC, with its serial console in this terminal.
import image from './image.mjs'

const usage = `npm start [-- --desktop] [--window] [--fresh]

  (nothing)   boot into the recovery menu, here in this terminal
  --desktop   boot silently, as a real PC does; this terminal tells what its screen shows
  --window    show the PC's screen in a window too
  --fresh     forget the disk of earlier starts

Leave with Ctrl-A, then X.`

export default async function run(args) {
  const options = ['--desktop', '--window', '--fresh']
  const unknown = args.filter((word) => ![...options, '--help'].includes(word))
  if (unknown.length > 0) console.error(`Unknown: ${unknown.join(' ')}\n`)
  if (unknown.length > 0 || args.includes('--help')) {
    console[unknown.length > 0 ? 'error' : 'log'](usage)
    return unknown.length > 0 ? 2 : 0
  }
  await image()
  const { startInTerminal } = await import('../tests/scenarios/start.ts')
  console.log('\nThe first start puts a small test system on the disk (about a minute).')
  console.log(
    'Then the virtual PC starts (about a minute without hardware virtualisation). Ctrl-A, then X, ends it.\n',
  )
  const [desktop, window, fresh] = options.map((option) => args.includes(option))
  return startInTerminal({ desktop, window, fresh })
}
