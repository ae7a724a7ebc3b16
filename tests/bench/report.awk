# SPDX-License-Identifier: MIT
# awk -v form=text|json|markdown -f report.awk BUDGET FIGURES
# Figures are lines of ISA KIND NAME AOT NATIVE AOT-CODE NATIVE-CODE, where KIND is programs or whole,
# or ISA cost NAME SPENT. Exits 1 when one is over its budget.
BEGIN {
    # How the budget calls the figures of each kind.
    prefix["programs"] = ""
    prefix["whole"] = "whole-"
}
NR == FNR {
    if ($1 !~ /^#/ && NF == 3) limit[$1, $2] = $3
    next
}
!seen[$1]++ { isas[++n_isas] = $1 }
$2 == "cost" {
    costs[$1, ++n_costs[$1]] = $3
    spent[$1, $3] = $4
    next
}
{
    s = $1 SUBSEP $2 # a set: the programs of one kind, for one ISA
    k = ++count[s]
    name[s, k] = $3
    aot[s, k] = $4
    native[s, k] = $5
    ratio[s, k] = $4 / $5
    code_aot[s] += $6
    code_native[s] += $7
    code[s, k] = $6 / $7
    logs[s] += log(ratio[s, k])
    mean[s] = exp(logs[s] / k)
    bytes[s] = code_aot[s] / code_native[s]
    if (ratio[s, k] > worst[s]) { worst[s] = ratio[s, k]; worst_name[s] = $3 }
}
function judge(isa, figure, value) {
    over = !((isa, figure) in limit) || value > limit[isa, figure] + 0
    failed += over
    return over ? "OVER" : "ok"
}
function text_limit(isa, what, figure, value, more) {
    printf "%-14s %.3f of %.3f %s%s\n", what, value, limit[isa, figure], judge(isa, figure, value), more
}
function text_set(isa, kind,   s, k) {
    s = isa SUBSEP kind
    if (!(s in count)) return
    printf "%-14s %12s %12s %7s %7s\n", kind == "whole" ? "whole program" : "program", "aot", "native", "ratio", "code"
    for (k = 1; k <= count[s]; k++)
        printf "%-14s %12d %12d %7.3f %7.2f\n", name[s, k], aot[s, k], native[s, k], ratio[s, k], code[s, k]
    text_limit(isa, "geometric mean", prefix[kind] "geomean", mean[s])
    text_limit(isa, "worst", prefix[kind] "worst", worst[s], " (" worst_name[s] ")")
    text_limit(isa, "code size", prefix[kind] "code", bytes[s])
}
function text(isa,   k) {
    if (n_isas > 1) print "isa " isa
    text_set(isa, "programs")
    for (k = 1; k <= n_costs[isa]; k++)
        printf "%-22s %10d of %10d %s\n", costs[isa, k], spent[isa, costs[isa, k]],
            limit[isa, costs[isa, k]], judge(isa, costs[isa, k], spent[isa, costs[isa, k]])
    text_set(isa, "whole")
    printf "\n"
}
function json_set(s, indent,   k) {
    printf "%s\"programs\": [\n", indent
    for (k = 1; k <= count[s]; k++)
        printf "%s  {\"name\": \"%s\", \"aot\": %d, \"native\": %d, \"ratio\": %.4f, \"code\": %.4f}%s\n",
            indent, name[s, k], aot[s, k], native[s, k], ratio[s, k], code[s, k], k < count[s] ? "," : ""
    printf "%s],\n%s\"geomean\": %.4f,\n%s\"worst\": %.4f,\n%s\"worst_program\": \"%s\",\n%s\"code\": %.4f",
        indent, indent, mean[s], indent, worst[s], indent, worst_name[s], indent, bytes[s]
}
function json(isa,   k, comma) {
    printf "%s  \"%s\": {\n", (isa == isas[1] ? "" : ",\n"), isa
    if ((isa SUBSEP "programs") in count) {
        json_set(isa SUBSEP "programs", "    ")
        printf ",\n    \"costs\": {"
        for (k = 1; k <= n_costs[isa]; k++)
            printf "%s\"%s\": %d", (k > 1 ? ", " : ""), costs[isa, k], spent[isa, costs[isa, k]]
        printf "}"
        comma = ",\n"
    }
    if ((isa SUBSEP "whole") in count) {
        printf "%s    \"whole\": {\n", comma
        json_set(isa SUBSEP "whole", "      ")
        printf "\n    }"
    }
    printf "\n  }"
}
function markdown_set(isa, kind,   s, k) {
    s = isa SUBSEP kind
    printf "\n| %s | translated | native | ratio | code size |\n|---|---:|---:|---:|---:|\n",
        kind == "whole" ? "whole program" : "program"
    for (k = 1; k <= count[s]; k++)
        printf "| %s | %d | %d | %.3f | %.2f |\n", name[s, k], aot[s, k], native[s, k], ratio[s, k], code[s, k]
    printf "| **geometric mean** | | | **%.3f** | %.2f |\n", mean[s], bytes[s]
    printf "\nBudget: mean %s, worst %s (worst is %s), code size %s.\n", limit[isa, prefix[kind] "geomean"],
        limit[isa, prefix[kind] "worst"], worst_name[s], limit[isa, prefix[kind] "code"]
}
function markdown(isa,   k) {
    printf "\n### %s\n", isa == "default" ? "rv64gc with Zba, Zbb, Zbs (`--isa default`)" : "rv64gc (`--isa base`)"
    markdown_set(isa, "programs")
    markdown_set(isa, "whole")
    printf "\n| calls into the host | instructions | budget |\n|---|---:|---:|\n"
    for (k = 1; k <= n_costs[isa]; k++)
        printf "| %s | %d | %d |\n", costs[isa, k], spent[isa, costs[isa, k]], limit[isa, costs[isa, k]]
}
END {
    if (form == "json") print "{"
    for (i = 1; i <= n_isas; i++) {
        if (form == "json") json(isas[i])
        else if (form == "markdown") markdown(isas[i])
        else text(isas[i])
    }
    if (form == "json") print "\n}"
    if (form == "markdown") print ""
    exit failed > 0 || n_isas == 0
}
