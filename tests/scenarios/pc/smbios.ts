import type { CompletePcSpec } from './spec.ts'

/**
 * The SMBIOS type 11 strings by which an unmodified image takes kernel arguments (systemd-stub(7)) and
 * credentials (systemd.system-credentials(7)).
 */
export function smbiosStrings(spec: Pick<CompletePcSpec, 'kernelArguments' | 'credentials'>): string[] {
  const kernelArguments = spec.kernelArguments.length
    ? [`io.systemd.stub.kernel-cmdline-extra=${spec.kernelArguments.join(' ')}`]
    : []
  const credentials = Object.entries(spec.credentials).map(
    ([name, value]) => `io.systemd.credential.binary:${name}=${Buffer.from(value).toString('base64')}`,
  )
  return [...kernelArguments, ...credentials]
}
