// node record-cache.cjs SCRIPT CACHE [WORD…]: writes what V8 compiled of the script when it ends, having run it with these
// words, if there are any. The script takes itself for the executable.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const sea = require('node:sea')
const { Script } = require('node:vm')

const [file, cache, ...words] = process.argv.slice(2)
const script = new Script(readFileSync(file, 'latin1'), { filename: file })
const keep = () => writeFileSync(cache, script.createCachedData())
if (words.length === 0) keep()
else {
  process.on('exit', keep)
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words)
  sea.isSea = () => true
  sea.getRawAsset = (name) => new Uint8Array(readFileSync(join(__dirname, '../dist/native', name))).buffer
  const module_ = { exports: {} }
  script.runInThisContext()(module_.exports, require, module_)
}
