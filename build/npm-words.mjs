// What a person said to `npm start` or `npm test`.
import process from 'node:process'

/**
 * The words, with the options that npm took for its own because the two dashes before them were forgotten: `npm start --boot`
 * comes as the variable npm_config_boot, and `--no-scenarios` as npm_config_scenarios, which is empty then.
 */
export function withNpmWords(args, options, env = process.env) {
  const taken = options.filter((option) => {
    const name = option.replace(/^--(no-)?/, '').replaceAll('-', '_')
    return env[`npm_config_${name}`] === (option.startsWith('--no-') ? '' : 'true')
  })
  return [...args, ...taken.filter((option) => !args.includes(option))]
}
