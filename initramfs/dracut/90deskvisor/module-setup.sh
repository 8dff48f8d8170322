#!/bin/bash
# dracut module: the boot key sampler, and the early binding of planned devices to vfio-pci, as units of the initrd.
# shellcheck disable=SC2154 # initdir, systemdsystemunitdir and SYSTEMCTL come from dracut

check() {
  require_binaries /usr/bin/deskvisor-boot-key /usr/lib/deskvisor/bind-vfio-devices.sh || return 1
}

depends() {
  echo systemd
}

installkernel() {
  hostonly='' instmods vfio-pci vfio_iommu_type1 atkbd i8042 usbhid hid-generic evdev
}

install() {
  inst_multiple sh readlink modprobe /usr/bin/deskvisor-boot-key /usr/lib/deskvisor/bind-vfio-devices.sh \
    "$systemdsystemunitdir/deskvisor-boot-key.service" "$systemdsystemunitdir/deskvisor-vfio.service"
  inst_multiple -o /etc/deskvisor/vfio-devices
  $SYSTEMCTL -q --root "$initdir" add-wants sysinit.target deskvisor-boot-key.service deskvisor-vfio.service
}
