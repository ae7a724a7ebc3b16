# SPDX-License-Identifier: MIT
# awk -v top=N -f size.awk: lines of `room ROOM LEVEL NAME KIND ADDRESS SIZE` for what kernel and
# modules may hold, `symbol NAME KIND ADDRESS SIZE SECTION` for what the image does hold, `section NAME
# SIZE`.

# Names of static functions occur in several rooms: the one of the same size it is, or else the first.
function may_hold(who, room, name, bytes) {
    if (!((who, name) in rooms)) rooms[who, name] = room
    if (!((who, name, bytes) in exact)) exact[who, name, bytes] = room
}
$1 == "room" {
    if ($5 == "U") next
    if ($3 != "user") may_hold("kernel", $2, $4, $7)
    if ($3 != "kernel") may_hold("user", $2, $4, $7)
    next
}
# What runs at user level is in sections of its own (hal/riscv64/kernel.ld), and the table of functions may
# be in one.
$1 == "section" {
    column = $2
    sub(/^\.(user\.)?/, "", column)
    if (column == "symbols") column = "rodata"
    if (column ~ /^(text|rodata|data|bss)$/) total[column] += $3
    next
}
# Labels of the assembler are no objects; two names of one place count once.
$1 == "symbol" && $5 > 0 && $2 !~ /^\.L(pcrel|BB|tmp)/ && !(($4, $5) in seen) {
    seen[$4, $5] = 1
    n_symbols++
    symbol[n_symbols] = $2
    kind[n_symbols] = tolower($3)
    size[n_symbols] = $5
    level[n_symbols] = $6 ~ /^\.user\./ ? "user" : "kernel"
    if ($2 ~ /^wasm2c_.*_instantiate$/) modules[++n_modules] = substr($2, 8, length($2) - 19)
}
# Translated code is named after its module: w2c_MODULE_x, wasm2c_MODULE_x, ...w2c_MODULE_x.
function owner_of(name, bytes, who,   i) {
    if (index(name, "w2c_") || index(name, "wasm2c_"))
        for (i = 1; i <= n_modules; i++)
            if (index(name, "w2c_" modules[i] "_") || index(name, "wasm2c_" modules[i] "_"))
                return "module " modules[i]
    if (name ~ /^ingot_type_/) return "function types"
    if ((who, name, bytes) in exact) return exact[who, name, bytes]
    return (who, name) in rooms ? rooms[who, name] : "glue"
}
function column_of(kind) {
    return kind == "t" || kind == "w" ? "text" : kind == "d" ? "data" : kind == "b" ? "bss" : "rodata"
}
function sort_owners(   i, j, t) {
    for (i = 2; i <= n_owners; i++)
        for (j = i; j > 1 && owners[j] < owners[j - 1]; j--) {
            t = owners[j]
            owners[j] = owners[j - 1]
            owners[j - 1] = t
        }
}
function count(   i, column) {
    for (i = 1; i <= n_symbols; i++) {
        column = column_of(kind[i])
        owner[i] = owner_of(symbol[i], size[i], level[i])
        if (!(owner[i] in known)) {
            known[owner[i]] = 1
            owners[++n_owners] = owner[i]
        }
        bytes[owner[i], column] += size[i]
        named[column] += size[i]
    }
}
function row(what, a, b, c, d) { printf "%10d %10d %10d %10d  %s\n", a, b, c, d, what }
END {
    count()
    sort_owners()
    printf "%10s %10s %10s %10s\n", "text", "rodata", "data", "bss"
    for (i = 1; i <= n_owners; i++) {
        o = owners[i]
        row(o, bytes[o, "text"], bytes[o, "rodata"], bytes[o, "data"], bytes[o, "bss"])
    }
    row("(strings, alignment, stacks, page tables)", total["text"] - named["text"],
        total["rodata"] - named["rodata"], total["data"] - named["data"], total["bss"] - named["bss"])
    row("all", total["text"], total["rodata"], total["data"], total["bss"])
    if (top > 0) printf "\nlargest functions\n"
    for (n = 1; n <= top; n++) {
        best = 0
        for (i = 1; i <= n_symbols; i++)
            if (column_of(kind[i]) == "text" && !(i in shown) && (best == 0 || size[i] > size[best])) best = i
        if (best == 0) break
        shown[best] = 1
        printf "%10d  %s (%s)\n", size[best], symbol[best], owner[best]
    }
}
