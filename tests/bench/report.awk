# SPDX-License-Identifier: MIT
# awk -v form=text|json|markdown -f report.awk BUDGET FIGURES
# Figures are lines of ISA NAME AOT NATIVE AOT-CODE NATIVE-CODE, or ISA cost NAME SPENT. Exits 1 when one is over its budget.
NR == FNR {
    if ($1 !~ /^#/ && NF == 3) limit[$1, $2] = $3
    next
}
$2 == "cost" {
    costs[$1, ++n_costs[$1]] = $3
    spent[$1, $3] = $4
    next
}
{
    if (!($1 in count)) isas[++n_isas] = $1
    k = ++count[$1]
    name[$1, k] = $2
    aot[$1, k] = $3
    native[$1, k] = $4
    ratio[$1, k] = $3 / $4
    code_aot[$1] += $5
    code_native[$1] += $6
    code[$1, k] = $5 / $6
    logs[$1] += log($3 / $4)
    if ($3 / $4 > worst[$1]) { worst[$1] = $3 / $4; worst_name[$1] = $2 }
}
function judge(isa, figure, value) {
    over = !((isa, figure) in limit) || value > limit[isa, figure] + 0
    failed += over
    return over ? "OVER" : "ok"
}
function text(isa,   k) {
    printf "%s%-14s %12s %12s %7s %7s\n", (n_isas > 1 ? "isa " isa "\n" : ""), "program", "aot", "native", "ratio", "code"
    for (k = 1; k <= count[isa]; k++)
        printf "%-14s %12d %12d %7.3f %7.2f\n", name[isa, k], aot[isa, k], native[isa, k], ratio[isa, k], code[isa, k]
    printf "geometric mean %.3f of %.3f %s\n", mean, limit[isa, "geomean"], judge(isa, "geomean", mean)
    printf "worst          %.3f of %.3f %s (%s)\n", worst[isa], limit[isa, "worst"], judge(isa, "worst", worst[isa]), worst_name[isa]
    printf "code size      %.3f of %.3f %s\n", bytes, limit[isa, "code"], judge(isa, "code", bytes)
    for (k = 1; k <= n_costs[isa]; k++)
        printf "%-22s %10d of %10d %s\n", costs[isa, k], spent[isa, costs[isa, k]],
            limit[isa, costs[isa, k]], judge(isa, costs[isa, k], spent[isa, costs[isa, k]])
    printf "\n"
}
function json(isa,   k) {
    printf "%s  \"%s\": {\n    \"programs\": [\n", (isa == isas[1] ? "" : ",\n"), isa
    for (k = 1; k <= count[isa]; k++)
        printf "      {\"name\": \"%s\", \"aot\": %d, \"native\": %d, \"ratio\": %.4f, \"code\": %.4f}%s\n",
            name[isa, k], aot[isa, k], native[isa, k], ratio[isa, k], code[isa, k], k < count[isa] ? "," : ""
    printf "    ],\n    \"costs\": {"
    for (k = 1; k <= n_costs[isa]; k++)
        printf "%s\"%s\": %d", (k > 1 ? ", " : ""), costs[isa, k], spent[isa, costs[isa, k]]
    printf "},\n    \"geomean\": %.4f,\n    \"worst\": %.4f,\n    \"worst_program\": \"%s\",\n    \"code\": %.4f\n  }",
        mean, worst[isa], worst_name[isa], bytes
}
function markdown(isa,   k) {
    printf "\n### %s\n\n| program | translated | native | ratio | code size |\n|---|---:|---:|---:|---:|\n",
        isa == "default" ? "rv64gc with Zba, Zbb, Zbs (`--isa default`)" : "rv64gc (`--isa base`)"
    for (k = 1; k <= count[isa]; k++)
        printf "| %s | %d | %d | %.3f | %.2f |\n", name[isa, k], aot[isa, k], native[isa, k], ratio[isa, k], code[isa, k]
    printf "| **geometric mean** | | | **%.3f** | %.2f |\n", mean, bytes
    printf "\nBudget: mean %s, worst %s (worst is %s), code size %s.\n", limit[isa, "geomean"], limit[isa, "worst"],
        worst_name[isa], limit[isa, "code"]
    printf "\n| calls into the host | instructions | budget |\n|---|---:|---:|\n"
    for (k = 1; k <= n_costs[isa]; k++)
        printf "| %s | %d | %d |\n", costs[isa, k], spent[isa, costs[isa, k]], limit[isa, costs[isa, k]]
}
END {
    if (form == "json") print "{"
    for (i = 1; i <= n_isas; i++) {
        isa = isas[i]
        mean = exp(logs[isa] / count[isa])
        bytes = code_aot[isa] / code_native[isa]
        if (form == "json") json(isa)
        else if (form == "markdown") markdown(isa)
        else text(isa)
    }
    if (form == "json") print "\n}"
    if (form == "markdown") print ""
    exit failed > 0 || n_isas == 0
}
