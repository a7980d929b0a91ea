#!/usr/bin/env bash
# Installs the Debian packages that are missing, and those named as arguments, saying which; asks sudo only when not root.
set -euo pipefail

packages=(
  build-essential cmake ninja-build ccache git pkg-config
  libtorch-dev libopenblas0-openmp # without the second, apt may pick a BLAS that is 30 times slower
  libopencv-dev libyaml-cpp-dev libcxxopts-dev libfmt-dev libspdlog-dev libboost-filesystem-dev
  nlohmann-json3-dev libxxhash-dev libssl-dev libcurl4-openssl-dev zlib1g-dev libtiff-dev libgtest-dev libgmock-dev
  libbenchmark-dev
)
packages+=("$@")

missing=()
for package in "${packages[@]}"; do
  if [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c1-2)" != "ii" ]; then
    missing+=("$package")
  fi
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "All ${#packages[@]} packages are installed."
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "This script knows Debian's apt-get only. Install the equivalents of: ${missing[*]}" >&2
  exit 2
fi
echo "Installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "Installed ${#missing[@]} packages."
