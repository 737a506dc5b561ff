# Runs in the guest: packetfs moves FILE from one bound NIC to the other. Usage: move.sh PACKETFS REPOSITORY BASE FILE
# Prints `LAB key value` lines, which test_guest.py reads.
packetfs=$1 repository=$2 base=$3 file=$4
. "$repository/tests/lab/bind.sh"
cd "$repository" || exit 1
mkdir -p /tmp/arrived
timeout -s INT 60 "$packetfs" --lcores 0@0,1@1 --in-memory --no-telemetry -- --pipeline tests/lab/two-nics.yaml \
  --set "blob.files=[$base]" --set "stages.source.file=$file" --set stages.sink.folder=/tmp/arrived \
  --report /tmp/report.json 2>&1 | cat
echo "LAB exit ${PIPESTATUS[0]}"
echo "LAB sha256 $(sha256sum "/tmp/arrived/$(basename "$file")" | cut -d' ' -f1)"
echo "LAB report $(tr -d '\n' < /tmp/report.json)"
