# Turns a page as it is shown beside the code into one that Doxygen understands: a filter of the Doxyfile.
#
# Doxygen 1.9.4 does not name headings as the links of these pages expect (`processes.md#exit-codes`), and a name must be the only one in all pages.
# So a heading gets the name `processes_exit-codes`, and every link to it becomes one to that name. A heading that is gone is then a warning.
# An example, and a header that is named, are linked as the pages that Doxygen makes of them.

function name_of(path) {
    sub(/\.md$/, "", path)
    if (path ~ /design\//) {
        sub(/.*\//, "design_", path)
    }
    sub(/.*\//, "", path)
    return path
}

BEGIN { page = name_of(ARGV[1]) }

/^ *(```|~~~)/ { in_block = !in_block }

in_block {
    print
    next
}

/^<!-- / { print ""; next }

/^##+ / {
    name = tolower($0)
    sub(/^#+ +/, "", name)
    gsub(/[^a-z0-9_ -]/, "", name)
    gsub(/ /, "-", name)
    print $0 " {#" page "_" name "}"
    next
}

{
    line = $0
    result = ""
    while (match(line, /\]\([^)]*\)/)) {
        target = substr(line, RSTART + 2, RLENGTH - 3)
        before = substr(line, 1, RSTART + 1)
        line = substr(line, RSTART + RLENGTH)
        other = page
        if (target ~ /^[a-z_\/.]*\.md#/ || target ~ /^#/) {
            anchor = target
            sub(/^[^#]*#/, "", anchor)
            if (target !~ /^#/) {
                sub(/#.*/, "", target)
                other = name_of((page ~ /^design_/ && target !~ /^\.\./ ? "design/" : "") target)
            }
            target = "@ref " other "_" anchor
        } else if (target ~ /(^|\/)examples\/[a-z_]+\.cpp$/) {
            sub(/.*\//, "", target)
            target = "@ref " target
        }
        result = result before target ")"
    }
    line = result line

    result = ""
    while (match(line, /`(memory|reduction|synchronize|sharedctypes|process|shared_memory)\/[a-z_]+\.hpp`/)) {
        result = result substr(line, 1, RSTART - 1) "@ref " substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
    }
    print result line
}
