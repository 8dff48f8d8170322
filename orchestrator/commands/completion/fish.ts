import type { Completed } from '../description.ts'
import { everywhere, firstWords, type PlannedOption, plannedCommands, valueOptions } from './plan.ts'

/** One `complete` line for every choice; a function of ours tells where the cursor is. */
export function fishCompletion(): string {
  const first = firstWords()
  const groups = first.filter(({ verbs }) => verbs.length > 0)
  const values = valueOptions()
    .map(({ name }) => name)
    .join(' ')
  const lines = [
    ...first.map(({ name, summary }) => choice('', 0, name, summary)),
    ...groups.flatMap(({ name, verbs }) => verbs.map((verb) => choice(name, 0, verb.name, verb.summary))),
    ...plannedCommands().flatMap(({ key, options, places }) => [
      ...places.flatMap(({ position, offers }) => offers.map((completed) => place(key, position, completed))),
      ...options.map((option) => optionOf(key, option)),
    ]),
    ...everywhere.map((option) => optionOf('', option)),
    optionOf('', { name: '--version', text: 'Show the version', value: false, completed: [] }),
  ]
  return `# Completion of deskvisor for fish. Made by: deskvisor completion fish

function __deskvisor_given
    set -l skip
    for word in (commandline -opc)[2..]
        if test -n "$skip"
            set skip
            continue
        end
        switch $word
            case ${values}
                set skip $word
            case '-*'
            case '*'
                printf '%s\\n' $word
        end
    end
end

function __deskvisor_root
    set -l words (commandline -opc)
    set -l at (contains -i -- --root $words); and printf '%s\\n' --root $words[(math $at + 1)]; and return
    string match -- '--root=*' $words
end

function __deskvisor_key
    set -l given (__deskvisor_given)
    switch "$given[1]"
        case ${groups.map(({ name }) => name).join(' ')}
            string join -- ' ' $given[1..2]
        case '*'
            printf '%s\\n' $given[1]
    end
end

function __deskvisor_in
    set -l key (__deskvisor_key)
    test "$key" = "$argv[1]"
end

function __deskvisor_at
    contains -- (commandline -opc)[-1] ${values}; and return 1
    set -l given (__deskvisor_given)
    set -l key (string split -n -- ' ' "$argv[1]")
    test (count $given) -eq (math (count $key) + $argv[2]); or return
    test -z "$argv[1]"; and return
    set -l first $given[1..(count $key)]
    test "$first" = "$argv[1]"
end

function __deskvisor_names
    set -l given (__deskvisor_given)
    set -l key (string split -n -- ' ' (__deskvisor_key))
    set -l words $given[(math (count $key) + 1)..]
    test "$argv[1]" = snapshots; or set words
    set -l program (commandline -opc)[1]
    $program complete $argv[1] $words[1] (__deskvisor_root) 2>/dev/null
end

complete -c deskvisor -f
${lines.join('\n')}
`
}

function choice(key: string, position: number, name: string, summary: string): string {
  return `complete -c deskvisor -n '__deskvisor_at ${quoted(key)} ${position}' -a ${name} -d ${quoted(summary, true)}`
}

function optionOf(key: string, { name, text, value, completed }: PlannedOption): string {
  // -x is -r without files.
  const wanted = value ? ` ${completed === 'files' ? '-r' : '-x'}${argument(completed)}` : ''
  return `complete -c deskvisor -n '__deskvisor_in ${quoted(key)}' -l ${name.slice(2)}${wanted} -d ${quoted(text, true)}`
}

function place(key: string, position: number, completed: Completed): string {
  return `complete -c deskvisor -n '__deskvisor_at ${quoted(key)} ${position}'${argument(completed)}`
}

function argument(completed: Completed): string {
  if (completed === 'files') return ' -F'
  if (typeof completed === 'string') return ` -a '(__deskvisor_names ${completed})'`
  return completed.length === 0 ? '' : ` -a '${completed.join(' ')}'`
}

/** Double quotes inside the single ones of a condition; single ones where it stands alone. */
function quoted(text: string, alone = false): string {
  return alone ? `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : `"${text}"`
}
