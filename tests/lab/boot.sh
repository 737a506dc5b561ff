#!/usr/bin/env bash
# Boots Debian's kernel under QEMU with an Intel IOMMU and two PCI NICs on one hub, runs SCRIPT in it as root, powers off.
# Usage: [NIC=e1000e|vmxnet3|virtio-net-pci,...] [T=90] [CPUS=2] [MEM=2G] [MONITOR=SOCKET] tests/lab/boot.sh SCRIPT [ARG]...
# MONITOR: a UNIX socket that takes QEMU's commands, `set_link n0 off` for instance; the NICs are n0 and n1.
# The guest's root is this machine's, read-only under an overlay in memory, so a build tree is there under its own path.
# TCG, not KVM: nested KVM stalls on the machines this was made on. 75: something this needs is not to be had (a skip).
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
script=$(readlink -f "$1"); shift
words=$(printf ' %q' "$script" "$@")
nic=${NIC:-e1000e} limit=${T:-90}

unavailable() { echo "lab: $*" >&2; exit 75; }
[ "$(uname -m)" = x86_64 ] || unavailable "the guest is x86-64, this machine is $(uname -m)"
for tool in qemu-system-x86_64 busybox cpio depmod modprobe dpkg apt-get; do
  command -v "$tool" >/dev/null || unavailable "$tool is not installed"
done
busybox=$(command -v busybox)
work=$(mktemp -d /var/tmp/lab.XXXXXX)
trap 'rm -rf "$work"' EXIT

# The kernel: the newest already unpacked, else Debian's current one, unpacked beside and renamed when whole.
find_kernel() { find /var/tmp -maxdepth 1 -type d -name 'lab-linux-image-*' ! -name '*.part' | sort -V | tail -n 1; }
kernel=$(find_kernel)
if [ -z "$kernel" ]; then
  package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends/{print $2; exit}')
  [ -n "$package" ] || unavailable "apt knows no linux-image-amd64 (apt-get update has not run?)"
  (cd "$work" && apt-get download -qq "$package" >/dev/null 2>"$work/apt.log") ||
    unavailable "apt cannot download $package: $(tail -n 1 "$work/apt.log")"
  kernel=/var/tmp/lab-$package
  part=$kernel.$$.part
  mkdir -p "$part"
  dpkg -x "$work/$package"_*.deb "$part"
  depmod -b "$part" "${package#linux-image-}"
  mv -T "$part" "$kernel" 2>/dev/null || rm -rf "$part"  # another run may have been first
  rm -f "$work/$package"_*.deb
fi
image=$(find "$kernel/boot" -name 'vmlinuz-*' | head -n 1)
version=${image##*/vmlinuz-}
[ -f "$kernel/lib/modules/$version/modules.dep" ] || depmod -b "$kernel" "$version"

# The initial RAM disk: busybox, the modules in the order they load, and an init that goes to the machine's own root.
mkdir -p "$work/root/bin" "$work/root/modules"
cp "$busybox" "$work/root/bin/busybox"
for module in virtio_pci 9pnet_virtio 9p overlay vfio_pci vfio_iommu_type1; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '/^insmod/ {print $2}'
done | awk '!seen[$0]++' | while read -r file; do
  cp "$file" "$work/root/modules/"
  basename "$file" >> "$work/root/modules/order"
done
cat > "$work/root/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mkdir -p /proc /sys /dev /mnt /lower /upper
\$b mount -t proc p /proc; \$b mount -t sysfs s /sys; \$b mount -t devtmpfs d /dev
for m in \$(\$b cat /modules/order); do \$b insmod /modules/\$m; done
\$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro root /lower
\$b mount -t tmpfs t /upper; \$b mkdir /upper/files /upper/work
\$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work o /mnt
for d in proc sys dev; do \$b mkdir -p /mnt/\$d; \$b mount --move /\$d /mnt/\$d; done
\$b mount -t tmpfs t /mnt/run
\$b chroot /mnt /bin/bash $words
echo "guest exit status \$?"
\$b poweroff -f
INIT
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc 2>/dev/null | gzip -1) > "$work/initrd.gz"

monitor=none
[ -z "${MONITOR:-}" ] || monitor=unix:$MONITOR,server=on,wait=off

# No romfile: nothing boots from these NICs, and their ROMs are in a package of their own.
# shellcheck disable=SC2086
timeout "$limit" qemu-system-x86_64 -machine q35,accel=tcg,kernel-irqchip=split -cpu max -smp "${CPUS:-2}" -m "${MEM:-2G}" \
  -display none -serial stdio -monitor "$monitor" -nic none -no-reboot -kernel "$image" -initrd "$work/initrd.gz" \
  -append "console=ttyS0 quiet intel_iommu=on iommu=pt panic=1" -device intel-iommu,intremap=on,caching-mode=on \
  -fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=r,mount_tag=root \
  -netdev hubport,id=h0,hubid=1 -netdev hubport,id=h1,hubid=1 \
  -device "$nic,id=n0,netdev=h0,mac=52:54:00:00:00:01,romfile=" -device "$nic,id=n1,netdev=h1,mac=52:54:00:00:00:02,romfile=" \
  ${EXTRA:-} </dev/null
