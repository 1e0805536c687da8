#!/usr/bin/env bash
# Unpacks Debian packages beside the system: scripts/unpack.sh NAME PACKAGE...
#
# Prints the folder that holds their files and those of every dependency this
# machine lacks. Nothing is installed, nothing is started, no maintainer script
# runs. The folder is in the user's cache, one for each set of versions.
set -euo pipefail

name=$1; shift
cache=${XDG_CACHE_HOME:-$HOME/.cache}/portlight/parts
# Root's tests start parts as other users, to whom root's home is closed.
if ((EUID == 0)) && [[ -z ${XDG_CACHE_HOME:-} ]]; then
  cache=/var/cache/portlight/parts
fi

if ! command -v apt-get >/dev/null; then
  echo "unpack.sh: no apt-get here: install these yourself: $*" >&2
  exit 1
fi
refresh() {
  local root=()
  ((EUID == 0)) || root=(sudo -n)
  "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 -qq update </dev/null >&2
}
# An installed package has nothing to print; its own dependencies are there too.
wanted() { apt-get install --print-uris -qq -y --no-install-recommends "$@" 2>/dev/null | cut -d' ' -f2; }
have() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

for p in "$@"; do have "$p" || { refresh; break; }; done
debs=$(wanted "$@" | sort)
dir=$cache/$name-$(printf '%s\n' "$debs" | sha256sum | cut -c1-12)
if [[ ! -e $dir/.complete ]]; then
  tmp=$(mktemp -d "${TMPDIR:-/tmp}/portlight-parts.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  chmod 755 "$tmp"
  mkdir -p "$tmp/root"
  if [[ -n $debs ]]; then
    # name_version_arch.deb → name=version, with the epoch's colon unescaped.
    specs=$(sed -E 's/^([^_]+)_([^_]+)_([^_]+)\.deb$/\1=\2/; s/%3a/:/' <<<"$debs")
    download() { (cd "$tmp" && xargs apt-get -qq -o APT::Sandbox::User=root download <<<"$specs" >&2); }
    download || { refresh; download; }
    for deb in "$tmp"/*.deb; do dpkg -x "$deb" "$tmp/root"; done
  fi
  touch "$tmp/root/.complete"
  chmod 755 "$tmp/root"
  mkdir -p "$cache"
  rm -rf "$dir"
  mv -T "$tmp/root" "$dir" 2>/dev/null || cp -a "$tmp/root" "$dir"
fi
echo "$dir"
