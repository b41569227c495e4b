# Prints the table of ratios: awk -v results=<folder of <program>.json> -f results.awk -f ratios.awk wanted.txt
# The same, for docs/performance.md, is written to <results>/table.md.
# POSIX awk, no more.

function trim(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

# The median with its unit, and the coefficient of variation.
function shown(program, name, what,    value, spread) {
    value = figure[program, name, "median", what] + 0
    if (what == "instructions" || what == "bytes") {
        return sprintf("%10.2f %s", value, what)
    }
    spread = sprintf(" +-%3.0f%%", 100 * figure[program, name, "cv", what])
    if (what == "throughput") {
        return sprintf("%8.2f M/s", value / 1e6) spread
    }
    return (value < 1e4 ? sprintf("%8.2f ns ", value) : value < 1e7 ? sprintf("%8.2f us ", value / 1e3) : sprintf("%8.2f ms ", value / 1e6)) spread
}

function disturbed(program, name) {
    return (program, name, "median", "processors") in figure && figure[program, name, "median", "processors"] < 1.4
}

function verdict(ratio, wanted,    bound) {
    if (wanted == "-") {
        return ""
    }
    if (disturbed(program, ours) || disturbed(program, peer)) {
        return "disturbed"
    }
    bound = wanted
    sub(/^[<>]= */, "", bound)
    return (wanted ~ /^</ ? ratio <= bound + 0 : ratio >= bound + 0) ? "yes" : "NO"
}

function in_markdown(text) {
    gsub(/</, "\\&lt;", text)
    gsub(/\*/, "\\*", text)
    gsub(/#include [^ ]+/, "`&`", text)
    return text
}

# One blank where columns were aligned, and the sign for the spread.
function for_table(text) {
    gsub(/  +/, " ", text)
    sub(/^ /, "", text)
    sub(/ *\+- */, " ± ", text)
    return text
}

BEGIN {
    FS = "|"
    table = results "/table.md"
    printf "%-50s %18s %18s %7s  %-8s %s\n", "ours : peer", "ours", "peer", "ratio", "wanted", "met"
    print "| ours : peer | ours | peer | ratio | wanted | met |\n|---|---|---|---|---|---|" > table
}

/^[ \t]*(#|$)/ { next }

{
    program = trim($1); ours = trim($2); peer = trim($3); what = trim($4); wanted = trim($5); row = trim($6)
    read_results(program)
    if (peer ~ /^[0-9.]+$/) { # a bound of its own, not another benchmark
        figure[program, peer, "median", what] = peer
    }
    if (!((program, ours, "median", what) in figure) || !((program, peer, "median", what) in figure)) {
        printf "%-50s not measured: %s\n", row, "no " what " of " ours " or " peer " in " results "/" program ".json"
        missing = 1
        next
    }
    ratio = figure[program, ours, "median", what] / figure[program, peer, "median", what]
    ratio_shown = sprintf(ratio < 0.1 ? "%.4f" : "%.2f", ratio)
    printf "%-50s %18s %18s %7s  %-8s %s\n", row, shown(program, ours, what), shown(program, peer, what), ratio_shown, wanted, verdict(ratio, wanted)
    printf "| %s | %s | %s | %s | %s | %s |\n", in_markdown(row), for_table(shown(program, ours, what)), for_table(shown(program, peer, what)), ratio_shown,
        wanted, verdict(ratio, wanted) > table
}

END { exit missing }
