import { importCartridge, insertCartridge, listCartridges } from '../cartridges/index.ts'
import { usageError } from './command-line.ts'
import type { CommandInput } from './table.ts'

export default async function cartridge(input: CommandInput): Promise<undefined> {
  const [verb, word = ''] = input.words
  refuseForeignOptions(verb, input.options)
  if (verb === 'import') await importOne(input, word)
  else if (verb === 'insert') await insertOne(input, word)
  else list(input)
}

async function importOne({ root, options }: CommandInput, file: string): Promise<void> {
  const { name, title } = options
  if (typeof name !== 'string') throw usageError('Something is missing; expected --name NAME.', 'cartridge')
  const progress = progressLine()
  const done = await importCartridge({
    root,
    file,
    name,
    onProgress: progress.show,
    ...(typeof title === 'string' ? { title } : {}),
  }).finally(progress.end)
  process.stdout.write(`${done.title} is imported. To play it: deskvisor cartridge insert ${done.name}\n`)
}

async function insertOne({ root }: CommandInput, name: string): Promise<void> {
  const { title } = await insertCartridge(root, name)
  process.stdout.write(`${title} is inserted; it plays from the next start of the console on.\n`)
}

function list({ root, options }: CommandInput): void {
  const all = listCartridges(root)
  if (options.json === true) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  else if (all.length === 0) process.stdout.write('There is no operating system yet.\n')
  for (const { name, title, inserted, problem } of options.json === true ? [] : all) {
    const shown = title === name ? name : `${name} (${title})`
    process.stdout.write(`${inserted ? '* ' : '  '}${shown}${problem ? `: ${problem}` : ''}\n`)
  }
}

function refuseForeignOptions(verb: string | undefined, options: CommandInput['options']): void {
  const own = verb === 'import' ? ['name', 'title'] : verb === 'list' ? ['json'] : []
  const foreign = Object.keys(options).find((option) => !own.includes(option))
  if (foreign) throw usageError(`--${foreign} does not belong to cartridge ${verb}.`, 'cartridge')
}

/** One line on a terminal that is written over; nothing into a pipe. */
function progressLine() {
  let last = -1
  return {
    show(done: number, total: number) {
      const percent = Math.floor((done / total) * 100)
      if (!process.stderr.isTTY || percent === last) return
      last = percent
      process.stderr.write(`\rCopying the disk: ${percent} % of ${Math.ceil(total / 1_048_576)} MiB`)
    },
    end() {
      if (last >= 0) process.stderr.write('\n')
    },
  }
}
