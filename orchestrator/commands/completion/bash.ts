import type { Completed } from '../description.ts'
import { firstWords, type Place, plannedCommands, valueOptions } from './plan.ts'

/**
 * Bash splits words at colons (COMP_WORDBREAKS), and names of snapshots have some: the line is split at blanks here, as far
 * as these are not quoted, and what stands before the last colon is taken off the answers, which are quoted as the word is. Names are compared by the script itself, because
 * `compgen -W` would expand what is in them.
 */
export function bashCompletion(): string {
  const first = firstWords()
  const groups = first.filter(({ verbs }) => verbs.length > 0)
  const commands = plannedCommands()
  const values = valueOptions()
  return `# Completion of deskvisor for bash. Made by: deskvisor completion bash

_deskvisor_offer() {
  local name
  while IFS= read -r name; do
    [[ $name == "$cur"* ]] && COMPREPLY+=("$name")
  done
}

_deskvisor_words() {
  _deskvisor_offer < <(printf '%s\\n' "$@")
}

_deskvisor_names() {
  _deskvisor_offer < <("\${words[0]}" complete "$@" "\${root[@]}" 2>/dev/null)
}

_deskvisor_files() {
  files=yes
  compopt -o filenames 2>/dev/null
  _deskvisor_offer < <(compgen -f -- "$cur")
}

_deskvisor_split() {
  local rest=$1 word='' begun='' char
  quote=''
  while [[ -n $rest ]]; do
    char=\${rest:0:1} rest=\${rest:1}
    if [[ $quote && $char == "$quote" ]]; then
      quote=''
    elif [[ $quote == "'" ]]; then
      word+=$char
    elif [[ $char == \\\\ ]]; then
      word+=\${rest:0:1} rest=\${rest:1} begun=yes
    elif [[ -z $quote && $char == [\\'\\"] ]]; then
      quote=$char begun=yes
    elif [[ -z $quote && $char == [[:space:]] ]]; then
      [[ $begun ]] && words+=("$word")
      word='' begun=''
    else
      word+=$char begun=yes
    fi
  done
  words+=("$word")
}

_deskvisor_quote() {
  local index
  for index in "\${!COMPREPLY[@]}"; do
    case $quote in
      "'") COMPREPLY[index]=\${COMPREPLY[index]//"'"/"'\\''"} ;;
      '"') ;;
      *) printf -v "COMPREPLY[$index]" %q "\${COMPREPLY[index]}" ;;
    esac
  done
}

_deskvisor() {
  local line=\${COMP_LINE:0:COMP_POINT} cur prev word skip='' key='' position=0 before quote files=''
  local -a words=() given=() root=()
  COMPREPLY=()
  _deskvisor_split "$line"
  cur=\${words[-1]}
  prev=\${words[-2]}
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    if [[ $skip ]]; then
      [[ $skip == --root ]] && root=(--root "$word")
      skip=''
      continue
    fi
    case $word in
      ${values.map(({ name }) => name).join(' | ')}) skip=$word ;;
      --root=*) root=("$word") ;;
      -*) ;;
      *) given+=("$word") ;;
    esac
  done
  key=\${given[0]-}
  position=$((\${#given[@]} - 1))
  case $key in
    ${groups.map(({ name }) => name).join(' | ')})
      if ((position > 0)); then
        key+=" \${given[1]}" given=("\${given[@]:2}")
        position=$((position - 1))
      fi
      ;;
    *) given=("\${given[@]:1}") ;;
  esac
  case $prev in
${values.map(({ name, completed }) => `    ${name}) ${offer(completed, true)} ;;\n`).join('')}    *)
      case $cur in
        -*)
          case $key in
${commands.map(({ key, options }) => `            '${key}') ${offer(options.map(({ name }) => name))} ;;\n`).join('')}            *) ${offer(['--root', '--help', '--version'])} ;;
          esac
          ;;
        *)
          case "$key $position" in
            ' -1') ${offer(first.map(({ name }) => name))} ;;
${groups.map(({ name, verbs }) => `            '${name} 0') ${offer(verbs.map(({ name }) => name))} ;;\n`).join('')}${commands.map(({ key, places }) => places.map((place) => placeCase(key, place)).join('')).join('')}          esac
          ;;
      esac
      ;;
  esac
  before=\${cur%"\${cur##*:}"}
  [[ $COMP_WORDBREAKS == *:* && -n $before ]] && COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  [[ $files ]] || _deskvisor_quote
  return 0
}

complete -F _deskvisor deskvisor
`
}

function placeCase(key: string, { position, offers }: Place): string {
  const offered = offers.map((completed) => offer(completed, position > 0)).join('; ')
  return `            '${key} ${position}') ${offered} ;;\n`
}

/** After a word there may be the cartridge whose snapshots are meant. */
function offer(completed: Completed, afterWord = false): string {
  if (completed === 'files') return '_deskvisor_files'
  if (completed === 'snapshots' && afterWord) return `_deskvisor_names snapshots "\${given[@]:0:1}"`
  if (typeof completed === 'string') return `_deskvisor_names ${completed}`
  return completed.length === 0 ? ':' : `_deskvisor_words ${completed.join(' ')}`
}
