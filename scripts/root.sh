#!/usr/bin/env bash
# Makes a root file system with systemd, for a container that boots:
# scripts/root.sh PARTS, where PARTS has debootstrap unpacked (scripts/unpack.sh).
#
# Prints its folder, which is in root's cache, one for each set of versions.
# Nothing of it is installed on or started by this machine.
set -euo pipefail
parts=$1

((EUID == 0)) || { echo "root.sh: making a root file system takes root" >&2; exit 1; }
include=systemd,systemd-sysv,dbus,libpam-systemd
mirror=$(apt-get indextargets --format '$(SITE) $(COMPONENT)' 'Created-By: Packages' | awk '$2 == "main" { print $1; exit }')
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
versions=$(apt-cache policy systemd dbus | grep Candidate)
dir=/var/cache/portlight/roots/$suite-$(sha256sum <<<"$mirror $include $versions" | cut -c1-12)
if [[ ! -e $dir/.complete ]]; then
  mkdir -p "${dir%/*}"
  new=$(mktemp -d "$dir.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  chmod 755 "$new"
  log=$(mktemp)
  shopt -s nullglob
  libraries=$(IFS=: && set -- "$parts"/usr/lib/*-linux-gnu "$parts"/lib/*-linux-gnu && echo "$*")
  program=$(PATH=$PATH:/usr/sbin:/sbin command -v debootstrap || echo "$parts/usr/sbin/debootstrap")
  share=/usr/share/debootstrap
  [[ -e $share/functions ]] || share=$parts$share
  if ! env DEBOOTSTRAP_DIR="$share" LD_LIBRARY_PATH="$libraries" PATH="$PATH:/usr/sbin:/sbin:$parts/usr/bin" \
    "$program" --variant=minbase --include="$include" "$suite" "$new" "$mirror" </dev/null >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "root.sh: debootstrap failed; its whole output is in $log" >&2
    exit 1
  fi
  # An ordinary user, with a service manager of their own.
  chroot "$new" useradd --create-home --uid 1000 --shell /bin/sh developer >&2
  rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/* "$log"
  touch "$new/.complete"
  rm -rf "$dir"
  mv -T "$new" "$dir"
fi
echo "$dir"
