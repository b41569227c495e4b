# Reads what the benchmarks measured: awk -v results=<folder of <program>.json> -f results.awk -f <what is made of it>
# Google Benchmark writes one field a line, so that its JSON can be read line by line. POSIX awk, no more.

# Of `"key": value,` the value without quotes.
function field(line) {
    sub(/^[^:]*: */, "", line)
    sub(/,[ \t\r]*$/, "", line)
    gsub(/^"|"$/, "", line)
    return line
}

# Fills figure[program, benchmark, aggregate, what]; times in nanoseconds.
function read_results(program,    file, line, name, aggregate, is_time) {
    if (program in was_read) {
        return
    }
    was_read[program] = 1
    file = results "/" program ".json"
    while ((getline line < file) > 0) {
        if (line ~ /"run_name":/) {
            name = field(line)
            gsub(/\/(iterations:[0-9]+|manual_time|real_time|process_time)/, "", name)
        } else if (line ~ /"aggregate_name":/) {
            aggregate = field(line)
        } else if (line ~ /"cpu_time":/) {
            figure[program, name, aggregate, "cpu"] = field(line)
        } else if (line ~ /"real_time":/) {
            figure[program, name, aggregate, "real"] = field(line)
        } else if (line ~ /"items_per_second":/) {
            figure[program, name, aggregate, "throughput"] = field(line)
        } else if (line ~ /"instructions":/) {
            figure[program, name, aggregate, "instructions"] = field(line)
        } else if (line ~ /"bytes_each":/) {
            figure[program, name, aggregate, "bytes"] = field(line)
        } else if (line ~ /"processors":/) {
            figure[program, name, aggregate, "processors"] = field(line)
        }
    }
    close(file)
}
