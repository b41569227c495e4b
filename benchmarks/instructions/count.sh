#!/usr/bin/env bash
# count.sh <program> <file.json>: how many instructions each thing takes, by valgrind's callgrind, in the words of Google Benchmark's JSON.
# Each is done some times, and some times more: the difference is free of what happens once only.
set -euo pipefail
program=$1
output=$2

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p'
}

{
    for what in increment_int increment_raw_value fetch_add_atomic fetch_add_raw_value sum_vector sum_raw_array sum_synchronized_array; do
        [[ $what == sum* ]] && times=1 || times=100000
        few=$(count "$what" "$times")
        many=$(count "$what" $((2 * times)))
        printf '"run_name": "%s",\n"aggregate_name": "median",\n' "$what"
        awk -v difference=$((many - few)) -v times="$times" 'BEGIN { printf "\"instructions\": %.2f,\n", difference / times }'
    done
} > "$output"
