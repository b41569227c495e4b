# Takes out of a header what is not for its users: a filter of the Doxyfile. Lines are emptied, not removed, so that their numbers stay.
#
# * `namespace detail`, but in the folders detail that the Doxyfile names, and what a class has for those who derive from it;
# * special members that are defaulted: what copies and moves mean is said once, in the comment of the class;
# * how the rest of the library reaches what is private (`..._access`), and how a handle travels (`reduction::reducer`), which is the same for all.
#
# The pages and examples behind `\see` become links; one that is not there is a warning. And the compound assignments, which a macro writes, each
# get the comment of the first: it is that of all.

/^namespace detail \{/ || (/^namespace multiprocessing::detail \{/ && FILENAME !~ /\/detail\//) { in_detail = 1 }
/^ *protected:/ { in_protected = 1 }
/^ *private:/ || /^\};/ { in_protected = 0 }
/^struct (multiprocessing::)?reduction::reducer</ || /^struct [a-z_]+_access \{/ { in_private_struct = 1 }

/^ *\/\/\/ \\see / {
    line = $0
    while (match(line, /(docs|examples)\/[a-z_\/]+\.(md|cpp)/)) {
        target = substr(line, RSTART, RLENGTH)
        if (target ~ /^docs/) {
            gsub(/\//, "_", target)
            sub(/\.md$/, "", target)
            target = "md_" target
        }
        sub(/^examples\//, "", target)
        line = substr(line, 1, RSTART - 1) "@ref " target substr(line, RSTART + RLENGTH)
    }
    $0 = line
}

/^#define MULTIPROCESSING_COMPOUND/ { in_macro = 1 }

/^ *\/\/\/ / {
    line = $0
    sub(/^ *\/\/\/ /, "", line)
    comment = (was_comment ? comment " " : "") line
}
{ was_comment = /^ *\/\/\/ / }

match($0, /^    MULTIPROCESSING_COMPOUND_ASSIGNMENT\([^,]*/) {
    $0 = "/** " comment " */ template <class U> T operator" substr($0, 41, RLENGTH - 40) "(const U& operand) const;"
}

# The line after `template <...>` says whether that belongs to a reducer, so each line waits for the next.
{
    hidden = in_detail || in_protected || in_private_struct || in_macro || /= default;$/ || /^ *friend (detail|reduction|acquirable)/
    if (in_private_struct && kept ~ /^template </) {
        kept = ""
    }
    if (NR > 1) {
        print kept
    }
    kept = hidden ? "" : $0
}

/^\} \/\/ namespace (multiprocessing::)?detail/ { in_detail = 0 }
/^\};/ { in_private_struct = 0 }
!/\\$/ { in_macro = 0 }

END { print kept }
