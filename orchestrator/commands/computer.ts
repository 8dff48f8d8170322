import { default as information } from 'systeminformation'
import { shown } from '../host/plain-text.ts'

/** What this computer calls itself, as people know it. Nothing is decided by it: sysfs alone is asked for that. */
export type Computer = {
  name: string
  firmware: string
  processor: string
  /** Built in or plugged in. */
  disks: { name: string; bytes: number }[]
}

/** Never throws: what cannot be found out is empty. */
export async function readComputer(): Promise<Computer> {
  const [system, bios, cpu, disks] = await Promise.all([
    information.system().catch(() => null),
    information.bios().catch(() => null),
    information.cpu().catch(() => null),
    information.diskLayout().catch(() => []),
  ])
  return {
    name: words(system?.manufacturer, system?.model, system?.version),
    firmware: words(bios?.vendor, bios?.version, bios?.releaseDate),
    processor: words(cpu?.manufacturer, cpu?.brand),
    disks: disks.map(({ vendor, name, device, size }) => ({
      name: words(vendor, name) || words(device),
      bytes: size,
    })),
  }
}

/** What boards without a name have in its place. */
const placeholder =
  /^(?:-|not specified|to be filled by o\.e\.m\.|default string|system (?:product name|manufacturer|version)|unknown)$/i

/** What is named twice, as many makers do with their own name, is said once. */
export function words(...parts: (string | null | undefined)[]): string {
  const told = parts
    .map((part) => shown((part ?? '').trim(), 60))
    .filter((part) => part !== '' && !placeholder.test(part))
  return told
    .filter((part, index) => !told.some((later, at) => at > index && later.startsWith(part)))
    .join(' ')
}
