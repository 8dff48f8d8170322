import type { Paths } from '../host/paths.ts'
import { escapeCommas } from './escape-commas.ts'

/** Sockets on which QEMU and the guest agent can be talked to and the guest can be heard. */
export function control(paths: Pick<Paths, 'qmp' | 'qmpTools' | 'guestAgent' | 'guestSignals'>): string[] {
  const socket = (id: string, path: string) => [
    '-chardev',
    `socket,id=${id},path=${escapeCommas(path)},server=on,wait=off`,
  ]
  return [
    ...socket('qmp', paths.qmp),
    '-mon',
    'chardev=qmp,mode=control',
    ...socket('qmp-tools', paths.qmpTools),
    '-mon',
    'chardev=qmp-tools,mode=control',
    ...socket('guest-agent', paths.guestAgent),
    '-device',
    'virtio-serial-pci,id=serial',
    '-device',
    'virtserialport,bus=serial.0,chardev=guest-agent,name=org.qemu.guest_agent.0',
    ...socket('guest-signals', paths.guestSignals),
    '-device',
    'virtserialport,bus=serial.0,chardev=guest-signals,name=org.deskvisor.signal.0',
  ]
}

/**
 * A QMP of its own that speaks to standard output, which the unit connects to the journal; its input is in unit.ts.
 * So the end of the guest is on record even when the watchdog was away (last-events.ts).
 */
export function eventLog(): string[] {
  return ['-chardev', 'stdio,id=event-log,signal=off', '-mon', 'chardev=event-log,mode=control']
}
