# SPDX-License-Identifier: MIT
# awk -F '\t' -f stages.awk: lines of Ninja's log (start, end, time stamp, output, hash; milliseconds).
# Prints the seconds of each stage. Commands that run side by side add up; `all` is by the clock.
function stage_of(output) {
    if (output ~ /\.o$/) return "compile"
    if (output ~ /\.elf$/) return "link"
    if (output ~ /\.(bin|img)$/) return "pack"
    if (output ~ /module-[0-9_]+\.[ch]$|-impl\.h$/) return "translate"
    return "inspect"
}
# A command with several outputs, or with one by two names, is told by its first.
NF >= 4 && !(($1, $2, $5) in seen) && !(($1, $2, $3) in seen) {
    seen[$1, $2, $5] = seen[$1, $2, $3] = 1
    spent[stage_of($4)] += $2 - $1
    if (first == "" || $1 + 0 < first) first = $1 + 0
    if ($2 + 0 > last) last = $2 + 0
}
END {
    n = split("inspect translate compile link pack", order, " ")
    for (i = 1; i <= n; i++)
        if (order[i] in spent) printf "ingot: %-9s %7.1f s\n", order[i], spent[order[i]] / 1000
    if (first != "") printf "ingot: %-9s %7.1f s\n", "all", (last - first) / 1000
}
