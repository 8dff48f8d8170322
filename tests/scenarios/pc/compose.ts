import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PcFiles, qemuArguments } from './machine.ts'
import { nestedTcgEnvironment } from './nested-tcg.ts'
import { places } from './places.ts'
import { probeAcceleration } from './probe.ts'
import { smbiosStrings } from './smbios.ts'
import type { CompletePcSpec } from './spec.ts'

const uefiCode = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const uefiVars = '/usr/share/OVMF/OVMF_VARS_4M.fd'

export type ComposedPc = {
  files: PcFiles
  /** Arguments and additional environment of qemu-system-x86_64. */
  args: string[]
  environment: Record<string, string>
}

/**
 * Puts what QEMU reads and opens into `folder` and returns how to start it there. `serial`: where ttyS0 leads;
 * `log`: QEMU's own trace; `cache`: folder for what is expensive to make; `resumed`: it goes on from a saved state.
 */
export async function composePc(
  spec: CompletePcSpec,
  {
    folder,
    cache,
    serial,
    log,
    resumed = false,
  }: { folder: string; cache: string; resumed?: boolean } & Pick<PcFiles, 'serial' | 'log'>,
): Promise<ComposedPc> {
  const files: PcFiles = {
    qmp: join(folder, 'qmp'),
    serial,
    testPort: join(folder, 'ttyS1'),
    uefiCode,
    uefiVars: join(folder, 'uefi-vars.fd'),
    tpm: join(folder, 'tpm'),
    bootPicture: { rom: places.bootPicture, logo: join(folder, 'logo') },
    smbios: [],
    log,
  }
  await copyFile(spec.uefiVars ?? uefiVars, files.uefiVars)
  if (spec.logo) await writeFile(files.bootPicture.logo, spec.logo)
  const acceleration = await probeAcceleration()
  const kernelArguments = [...acceleration.kernelArguments, ...spec.kernelArguments]
  for (const [index, text] of smbiosStrings({ ...spec, kernelArguments }).entries()) {
    const file = join(folder, `smbios-${index}`)
    await writeFile(file, text)
    files.smbios.push(file)
  }
  const environment = acceleration.kind === 'tcg' ? await nestedTcgEnvironment(cache, { resumed }) : {}
  return { files, args: qemuArguments(spec, files, acceleration.arguments), environment }
}
