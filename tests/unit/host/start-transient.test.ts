import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BusWriter } from '../../../orchestrator/host/bus-writer.ts'
import { startTransient } from '../../../orchestrator/host/start-transient.ts'

/** Somebody who answers as systemd does, in a process of its own because asking does not let this one do anything else. */
async function fakeSystemd(t: Test, error: string, text: string) {
  // Not t.testdir(): the path of a socket may have 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'deskvisor-bus-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const socket = join(folder, 'private')
  const program = join(import.meta.dirname, '../fixtures/fake-systemd.mjs')
  const child = spawn(process.execPath, [program, socket, error, text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (data) => {
    said += data
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  while (!said.includes('listening')) await new Promise((resolve) => child.stdout.once('data', resolve))
  const message = async () => {
    await closed
    return Buffer.from(said.split('\n')[1] ?? '', 'hex')
  }
  return { socket, message }
}

t.test('asks systemd for a unit that is made for this once', async (t) => {
  const { socket, message } = await fakeSystemd(t, '-', '/org/freedesktop/systemd1/job/1')
  t.equal(startTransient('a.service', [['UMask', 'u', 0o027]], socket), null)
  const bytes = await message()
  t.equal(bytes.subarray(0, 4).toString('hex'), '6c010001', 'a method call in little-endian byte order')
  const body = bytes.subarray(bytes.length - bytes.readUInt32LE(4))
  // a.service, fail, one property whose pair begins at a multiple of eight: UMask, a variant of type u, 23; no further units.
  const expected = [
    '09000000612e7365727669636500',
    '0000',
    '040000006661696c00',
    '000000',
    '14000000',
    '05000000554d61736b00',
    '017500',
    '000000',
    '17000000',
    '00000000',
  ]
  t.equal(body.toString('hex'), expected.join(''))
})

t.test('tells why systemd did not take it', async (t) => {
  const refused = await fakeSystemd(
    t,
    'org.freedesktop.systemd1.UnitExists',
    'Unit a.service was already loaded.',
  )
  t.equal(startTransient('a.service', [], refused.socket), 'Unit a.service was already loaded.')
  t.match(
    startTransient('a.service', [], '/tmp/nobody-listens-here'),
    /^systemd cannot be asked: .*No such file/,
  )
})

t.test('marshals every type as the specification of D-Bus aligns it', async (t) => {
  const writer = new BusWriter()
  writer.all('yt(bas)ayi', [1, 2n ** 64n - 1n, [true, ['x']], Buffer.from('hi'), -1])
  const expected = [
    '01',
    '00000000000000',
    'ffffffffffffffff',
    '01000000',
    '06000000',
    '010000007800',
    '0000',
    '020000006869',
    '0000',
    'ffffffff',
  ]
  t.equal(writer.bytes().toString('hex'), expected.join(''))
  const long = new BusWriter()
  long.value('s', 'x'.repeat(100_000))
  t.equal(long.length, 100_005)
})
