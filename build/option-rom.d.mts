export function optionRom(
  elf: Buffer,
  card: { vendorId: number; deviceId: number; classCode: number },
): Buffer
export function peFromElf(elf: Buffer): Buffer
