#!/usr/bin/env bash
# One visit to an accelerator that is lent for minutes: smoke tests, then VGG16 for 60 epochs in order
# of worth, until the time is up; what was finished lies in OUT/records.tar.gz, to be unpacked into
# results/. Needs Python with torch, numpy, scipy and Pillow, and CIFAR-10 in ARCHIVE; no network.
#
#   benchmarks/accelerator.sh ARCHIVE OUT [SECONDS [more, see python -m benchmarks.accelerator --help]]
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
archive=$(realpath "$1") out=$(realpath "$2") seconds=${3:-520}
shift 2; [ $# -eq 0 ] || shift
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" -m benchmarks.accelerator "$archive" "$out" --seconds "$seconds" "$@"
