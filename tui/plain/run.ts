import type { Api } from '../../orchestrator/api/contract.ts'
import { type Known, MachineState } from '../machine-state.ts'
import { HOME_ITEMS, homeItems } from '../screens/home/items.ts'
import { firstSentence } from '../screens/home/page.ts'
import { followStory, STORIES } from '../screens/home/stories.ts'
import { decidePending } from '../screens/trying/trying.ts'
import type { Input, Output } from '../terminal/device.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { factsOf } from '../words.ts'
import { lineTerminal } from './lines.ts'
import { LinePerson } from './person.ts'

type PlainMenu = { root: string; api: Api; input: Input; output: Output }

/** The menu as questions and answers on lines of text, for terminals that can do nothing else. Ends with the input. */
export async function runPlainMenu({ root, api, input, output }: PlainMenu): Promise<void> {
  const machine = new MachineState(api)
  const lines = lineTerminal(input, output)
  const person = new LinePerson({ api, machine, lines, root })
  await machine.look()
  await person.tell(decidePending)
  for (;;) {
    await machine.look()
    await machine.lookForJobs()
    const state = machine.known
    const items = homeItems(state)
    lines.say('', 'Deskvisor recovery', '', ...describe(state), '')
    lines.say(...items.map((item, index) => `  ${index + 1}  ${item.label}`), '  ?  Help', '')
    const answer = await lines.ask('Type a number and press Enter: ')
    if (answer === null) return
    const item = HOME_ITEMS[Number(answer) - 1]
    const job = state.jobs[Number(answer) - 1 - HOME_ITEMS.length]
    if (answer === '?') lines.say(...items.map((each, index) => `  ${index + 1}  ${each.does(state)}`))
    else if (item !== undefined) await person.tell(STORIES[item.action])
    else if (job !== undefined) await person.tell(followStory(job))
    else if (answer !== '') lines.say(`"${sanitize(answer)}" is not on the list.`)
  }
}

function describe(state: Known): string[] {
  const facts = state.status === null ? [] : factsOf(state.status).map(([name, value]) => `${name}: ${value}`)
  return [firstSentence(state), '', ...facts]
}
