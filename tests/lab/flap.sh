# Runs in the guest: packetfs moves FILE from one bound NIC to the other through a session, while the machine outside takes the link
# down and up. Usage: flap.sh PACKETFS REPOSITORY FILE. Prints `LAB key value` lines, which test_guest.py reads.
packetfs=$1 repository=$2 file=$3
GUEST_HUGEPAGES=320
. "$repository/tests/lab/bind.sh"
cd "$repository" || exit 1
mkdir -p /tmp/arrived
timeout -s INT 150 "$packetfs" --lcores 0@0,1@1 --in-memory --no-telemetry -- --pipeline tests/lab/two-nics-session.yaml \
  --set "stages.source.file=$file" --set stages.sink.folder=/tmp/arrived --report /tmp/report.json 2>&1 | cat
echo "LAB exit ${PIPESTATUS[0]}"
echo "LAB sha256 $(sha256sum "/tmp/arrived/$(basename "$file")" | cut -d' ' -f1)"
echo "LAB report $(tr -d '\n' < /tmp/report.json)"
