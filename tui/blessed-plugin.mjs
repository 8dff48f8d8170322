import { readFile } from 'node:fs/promises'

/**
 * An esbuild plugin that makes neo-blessed fit into one file:
 * - `widget.js` requires `'./widgets/' + name`, which a bundler cannot follow: static requires are written instead;
 * - term.js and pty.js, which only its terminal widget wants and which are not installed, become empty modules;
 * - `unicode.js` requires the whole package for the sake of one class: that class only;
 * - `vendor/tng.js` asks for a package `blessed` that is not installed: its twin in this package;
 * - the fallback to terminfo files beside the package, which a single executable lacks, fails at once instead of
 *   reading a path; the menu brings its own entries (tui/terminal/terminfo.ts).
 */
export const neoBlessedPlugin = {
  name: 'neo-blessed',
  setup(build) {
    build.onResolve({ filter: /^(term|pty)\.js$/ }, ({ path }) => ({ path, namespace: 'neo-blessed-stub' }))
    build.onLoad({ filter: /.*/, namespace: 'neo-blessed-stub' }, () => ({ contents: 'module.exports = {}' }))
    build.onLoad({ filter: /neo-blessed[\\/]lib[\\/]widget\.js$/ }, async ({ path }) => ({
      contents: staticRequires(await readFile(path, 'utf8')),
    }))
    build.onLoad({ filter: /neo-blessed[\\/]lib[\\/]unicode\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        "require('../')",
        "{ screen: require('./widgets/screen') }",
      ),
    }))
    build.onLoad({ filter: /neo-blessed[\\/]vendor[\\/]tng\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("'blessed/lib/colors'", "'../lib/colors'"),
    }))
    build.onLoad({ filter: /neo-blessed[\\/]lib[\\/]tput\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll("__dirname + '/../usr/", "'/nonexistent/"),
    }))
  },
}

/** `widget.js` with one `require('./widgets/name')` for each name in its list of classes. */
function staticRequires(source) {
  const list = /widget\.classes = \[([^\]]*)\];/.exec(source)?.[1]
  const loop = /widget\.classes\.forEach\(function\(name\) \{[\s\S]*?\n\}\);/
  if (list === undefined || !loop.test(source))
    throw new Error('neo-blessed/lib/widget.js is not as expected')
  const names = [...list.matchAll(/'(\w+)'/g)].map((match) => match[1])
  const requires = names.map((name) => {
    const file = name.toLowerCase()
    return `widget.${name} = widget.${file} = require('./widgets/${file}');`
  })
  return source.replace(loop, () => requires.join('\n'))
}
