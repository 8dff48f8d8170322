#!/bin/sh
# Gives the devices in /etc/deskvisor/vfio-devices to vfio-pci before a GPU driver can take them. One PCI address a
# line (0000:03:00.0); text after # and blank lines are skipped, as is everything that is no address or no device here.
# By address with driver_override, because `ids=` would take look-alikes too:
# https://docs.kernel.org/driver-api/vfio.html and Documentation/ABI/testing/sysfs-bus-pci
#
# bind-vfio-devices.sh [ROOT]    ROOT is put in front of /etc and /sys; never fails, so that the boot goes on.

root=${1:-}
list=$root/etc/deskvisor/vfio-devices
devices=$root/sys/bus/pci/devices

is_address() {
  case $1 in
    *[!0-9a-f:.]*) return 1 ;;
    ????:??:??.[0-7]) return 0 ;;
    *) return 1 ;;
  esac
}

# A driver that has the device already is left alone: a card taken from its driver may not reset for the guest.
give_to_vfio() {
  [ -w "$devices/$1/driver_override" ] || return 0
  if [ -e "$devices/$1/driver" ]; then
    case $(readlink "$devices/$1/driver") in
      */vfio-pci) ;;
      *) echo "deskvisor: $1 already has a driver, so it was left there" >&2 ;;
    esac
    return 0
  fi
  echo vfio-pci >"$devices/$1/driver_override" || return 0
  echo "$1" >"$root/sys/bus/pci/drivers_probe" || return 0
}

[ -f "$list" ] || exit 0
[ -n "$root" ] || modprobe -q vfio-pci || :

while IFS= read -r line || [ -n "$line" ]; do
  line=${line%%#*}
  # shellcheck disable=SC2086 # splitting strips the blanks around the address
  set -f && set -- $line && set +f
  if [ $# -eq 1 ] && is_address "$1"; then
    give_to_vfio "$1"
  elif [ $# -gt 0 ]; then
    echo "deskvisor: not a PCI address in $list, skipped" >&2
  fi
done <"$list"
exit 0
