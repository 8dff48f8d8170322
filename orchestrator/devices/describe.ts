/**
 * Class names from the PCI Code and ID Assignment Specification (the same as in linux/pci_ids.h), base class and
 * subclass in hexadecimal. A name of two digits stands for every subclass that is not listed.
 */
const classNames: Record<string, string> = {
  '01': 'Storage controller',
  '0101': 'IDE controller',
  '0104': 'RAID controller',
  '0106': 'SATA controller',
  '0108': 'NVMe controller',
  '02': 'Network controller',
  '0200': 'Ethernet controller',
  '0280': 'Wireless network controller',
  '03': 'Display controller',
  '0300': 'Graphics card',
  '0302': '3D graphics card',
  '04': 'Multimedia controller',
  '0401': 'Sound device',
  '0403': 'Sound device',
  '05': 'Memory controller',
  '06': 'Bridge',
  '0600': 'Host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '07': 'Communication controller',
  '0700': 'Serial port',
  '08': 'System device',
  '0805': 'SD card reader',
  '0806': 'IOMMU',
  '09': 'Input device',
  '0b': 'Processor',
  '0c': 'Serial bus controller',
  '0c03': 'USB controller',
  '0c05': 'SMBus controller',
  '0d': 'Wireless controller',
  '10': 'Encryption controller',
  '11': 'Signal processing controller',
  '12': 'Processing accelerator',
}

/** The name of a class for people, for example `Graphics card`; `code` has 24 bits. */
export function className(code: number): string {
  const digits = (code >> 8).toString(16).padStart(4, '0')
  return classNames[digits] ?? classNames[digits.slice(0, 2)] ?? 'Device'
}
