#!/bin/sh
# Gives one of the two upstreams of a split its share, in percent, at every replica of the proxy.
#
#   shift.sh HOST:PORT SPLIT FROM TO PERCENT [TTL]
#   shift.sh puente-admin:9901 billing-migration legacy billing 25 10m
#   shift.sh puente-admin:9901 billing-migration legacy billing +10 10m     # ten more than now, 100 at most
#
# HOST:PORT is the admin listener; in Kubernetes that of a headless Service, whose name stands for all pods. With TTL the
# weights go back by themselves unless this is run again before. Exits with another status than 0 when a replica did
# not take the weights; those that did keep them until TTL is over, or the next run.
set -eu

if [ $# -lt 5 ] || [ $# -gt 6 ]; then
  sed -n '4,6s/^# *//p' "$0" >&2
  exit 2
fi
host=${1%:*} port=${1##*:} split=$2 from=$3 to=$4 percent=$5 ttl=${6:-}

addresses=$(getent ahostsv4 "$host" | cut -d' ' -f1 | sort -u)
[ -n "$addresses" ] || { echo "shift.sh: nothing is behind $host" >&2; exit 1; }

# The weight of an upstream at the first replica.
weight() {
  curl -fsS --max-time 5 "http://${addresses%%[!0-9.]*}:$port/splits/$split" |
    sed -n "s/^ *\"weights\": .*\"$1\": \([0-9]*\).*/\1/p"
}
case $percent in +*)
  now=$(weight "$to") others=$(weight "$from")
  percent=$((now * 100 / (now + others) + ${percent#+}))
  [ "$percent" -le 100 ] || percent=100
esac

weights="{\"weights\": {\"$from\": $((100 - percent)), \"$to\": $percent}${ttl:+, \"ttl\": \"$ttl\"}}"
failed=0
for address in $addresses; do
  curl -fsS --max-time 5 -o /dev/null -X PUT "http://$address:$port/splits/$split" -d "$weights" || {
    echo "shift.sh: $address:$port did not take the weights" >&2
    failed=1
  }
done
exit $failed
