import type { Completed } from '../description.ts'
import { firstWords, type Place, plannedCommands, valueOptions } from './plan.ts'

/** Zsh keeps words with colons together; `compadd` takes names as they are. */
export function zshCompletion(): string {
  const first = firstWords()
  const groups = first.filter(({ verbs }) => verbs.length > 0)
  const commands = plannedCommands()
  const values = valueOptions()
  return `#compdef deskvisor
# Completion of deskvisor for zsh. Made by: deskvisor completion zsh

_deskvisor_names() {
  local -a names
  names=("\${(@f)$("\${(Q)words[1]}" complete "$@" "\${root[@]}" 2>/dev/null)}")
  compadd -a names
}

_deskvisor() {
  local word skip='' key='' prev=\${words[CURRENT-1]}
  local -a given root
  local -i position
  for word in "\${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then
      [[ $skip == --root ]] && root=(--root "$word")
      skip=''
      continue
    fi
    case $word in
      (${values.map(({ name }) => name).join('|')}) skip=$word ;;
      (--root=*) root=("$word") ;;
      (-*) ;;
      (*) given+=("$word") ;;
    esac
  done
  key=\${given[1]-}
  position=$((\${#given} - 1))
  case $key in
    (${groups.map(({ name }) => name).join('|')})
      if ((position > 0)); then
        key+=" \${given[2]}"
        given=("\${(@)given[3,-1]}")
        ((position--))
      fi
      ;;
    (*) given=("\${(@)given[2,-1]}") ;;
  esac
  case $prev in
${values.map(({ name, completed }) => `    (${name}) ${offer(completed, true)}; return ;;\n`).join('')}  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case $key in
${commands.map(({ key, options }) => `      ('${key}') ${offer(options.map(({ name }) => name))} ;;\n`).join('')}      (*) ${offer(['--root', '--help', '--version'])} ;;
    esac
    return
  fi
  case "$key $position" in
    (' -1') ${described(first)} ;;
${groups.map(({ name, verbs }) => `    ('${name} 0') ${described(verbs)} ;;\n`).join('')}${commands.map(({ key, places }) => places.map((place) => placeCase(key, place)).join('')).join('')}  esac
}

# Loaded by name, the first use has to answer already.
if [[ $funcstack[1] == _deskvisor ]]; then
  _deskvisor "$@"
else
  compdef _deskvisor deskvisor
fi
`
}

function placeCase(key: string, { position, offers }: Place): string {
  const offered = offers.map((completed) => offer(completed, position > 0)).join('; ')
  return `    ('${key} ${position}') ${offered} ;;\n`
}

function offer(completed: Completed, afterWord = false): string {
  if (completed === 'files') return '_files'
  if (completed === 'snapshots' && afterWord) return `_deskvisor_names snapshots "\${(@)given[1,1]}"`
  if (typeof completed === 'string') return `_deskvisor_names ${completed}`
  return completed.length === 0 ? ':' : `compadd -- ${completed.join(' ')}`
}

function described(choices: readonly { name: string; summary: string }[]): string {
  const texts = choices.map(({ name, summary }) => `'${name}:${summary.replaceAll("'", "'\\''")}'`)
  return `local -a choices=(${texts.join(' ')}); _describe command choices`
}
