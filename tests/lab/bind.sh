# Sourced in the guest: hugepages, and every Ethernet function under vfio-pci. Prints one line a device.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
dmesg -n 1  # no kernel line in the middle of a result
mkdir -p /dev/hugepages
mount -t hugetlbfs h /dev/hugepages
echo "${GUEST_HUGEPAGES:-256}" > /proc/sys/vm/nr_hugepages
ip link set lo up 2>/dev/null || true
for device in /sys/bus/pci/devices/*; do
  [ "$(cat "$device/class")" = 0x020000 ] || continue
  bdf=$(basename "$device")
  if [ -e "$device/driver" ]; then echo "$bdf" > "$device/driver/unbind"; fi
  echo vfio-pci > "$device/driver_override"
  echo "$bdf" > /sys/bus/pci/drivers_probe
  echo "bound $bdf $(cat "$device/vendor"):$(cat "$device/device") to $(basename "$(readlink "$device/driver")")"
done
