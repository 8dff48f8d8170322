import { getRawAsset } from 'node:sea'
import { Script } from 'node:vm'
import { desktopCall } from './desktop-call.ts'

/**
 * What the executable runs first. The way to the desktop is a script of its own, a third as long as the whole program. Each
 * comes with what V8 compiled when the executable was made (build/code-cache.mjs); where V8 does not take that, it compiles.
 */
const name = desktopCall(process.argv.slice(2)) === null ? 'deskvisor' : 'desktop'
const source = Buffer.from(asset(`${name}.cjs`)).toString('latin1')
const script = new Script(source, {
  filename: `${name}.cjs`,
  cachedData: new Uint8Array(asset(`${name}.cache`)),
})
const module_ = { exports: {} }
script.runInThisContext()(module_.exports, require, module_)

function asset(file: string): ArrayBuffer {
  return getRawAsset(file) as ArrayBuffer
}
