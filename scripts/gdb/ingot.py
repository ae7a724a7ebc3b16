# SPDX-License-Identifier: MIT
"""gdb commands for images: functions by their wasm names, linear memories, the kernel's regions.

Sourced by the init file that `ingot debug` writes, which sets ingot_names to the list that
`ingot-symbols --list` makes: C symbol, tab, name ("MODULE!FUNCTION", or "MODULE::FIELD" of an import).
"""
import re

import gdb

USER, KERNEL = 0, 1  # levels of privilege, as the register `priv` has them
NAMES = {}  # C symbol -> wasm name
SYMBOLS = {}  # wasm name, with and without its module -> C symbols


def load_names(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            symbol, name = line.rstrip("\n").split("\t", 1)
            NAMES[symbol] = name
            for known in {name, name.split("!", 1)[-1]}:
                SYMBOLS.setdefault(known, []).append(symbol)


class Level:
    """While this lasts gdb reads memory as code of this level does: the kernel does not reach the
    modules' pages, nor they its. The machine is stopped, and finds its level as it was."""

    def __init__(self, level):
        self.level = level

    def __enter__(self):
        self.was = int(gdb.parse_and_eval("$priv"))
        self.go_to(self.level)

    def __exit__(self, *unused):
        self.go_to(self.was)

    @staticmethod
    def go_to(level):
        gdb.execute("set $priv = %d" % level, to_string=True)
        gdb.execute("maintenance flush dcache", to_string=True)


class Caller:
    """While this lasts gdb stands in the module's function whose call the kernel is answering."""

    REGISTERS = {"$sp": 2, "$ra": 3, "$pc": 4, "$s0": 5}  # words of hal/riscv64/trapframe.h: HB_SP...

    def __enter__(self):
        word = "((unsigned long *)&__hart_block)[%d]"
        values = {r: int(gdb.parse_and_eval(word % i)) for r, i in self.REGISTERS.items()}
        if values["$pc"] == 0:
            raise gdb.GdbError("no module is running")
        self.was = {r: int(gdb.parse_and_eval("(unsigned long)" + r)) for r in self.REGISTERS}
        self.stand(values, USER)

    def __exit__(self, *unused):
        self.stand(self.was, KERNEL)

    @staticmethod
    def stand(values, level):
        for register, value in values.items():
            gdb.execute("set %s = %d" % (register, value), to_string=True)
        Level.go_to(level)


class WasmBreak(gdb.Command):
    """wasm-break [MODULE!]FUNCTION: a breakpoint at a wasm function, by its wasm name."""

    def __init__(self):
        super().__init__("wasm-break", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        symbols = SYMBOLS.get(argument.strip())
        if not symbols:
            raise gdb.GdbError("no wasm function is named " + argument)
        for symbol in symbols:
            gdb.Breakpoint(symbol)

    def complete(self, text, word):
        return [name for name in SYMBOLS if name.startswith(text)]


class WasmBacktrace(gdb.Command):
    """wasm-bt: the wasm functions and host calls that are active, innermost first."""

    def __init__(self):
        super().__init__("wasm-bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if int(gdb.parse_and_eval("$priv")) == KERNEL:
            with Caller():
                self.list()
        else:
            self.list()

    @staticmethod
    def list():
        number = 0
        frame = gdb.newest_frame()
        while frame is not None:
            name = NAMES.get(frame.name())
            if name is not None:
                print("#%d  %s" % (number, name))
                number += 1
            frame = frame.older()


class WasmLocals(gdb.Command):
    """wasm-locals: parameters and locals of the wasm function that is selected."""

    def __init__(self):
        super().__init__("wasm-locals", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        frame = gdb.selected_frame()
        if NAMES.get(frame.name()) is None:
            raise gdb.GdbError("this is no wasm function")
        block = frame.block()
        while block is not None:
            for symbol in block:
                # wasm2c writes a local as var_NAME, and its operand stack as var_i0, var_j1, ...
                local = (symbol.is_variable or symbol.is_argument) and symbol.name.startswith("var_")
                if local and not re.fullmatch("var_[ijfdovrex][0-9]+", symbol.name):
                    print("%s = %s" % (symbol.name[4:], symbol.value(frame)))
            if block.function is not None:
                return
            block = block.superblock


def memories():
    """(module, field, wasm_rt_memory_t) of all instances."""
    for variable in gdb.execute("info variables -q ^ingot_state_", to_string=True).split():
        name = variable.rstrip(";")
        if not name.startswith("ingot_state_"):
            continue
        state = gdb.parse_and_eval(name)
        for field in state.type.strip_typedefs().fields():
            if str(field.type) in ("wasm_rt_memory_t", "wasm_rt_memory_t *"):
                value = state[field.name]
                yield (name[len("ingot_state_"):], field.name,
                       value.dereference() if "*" in str(field.type) else value)


class WasmMemory(gdb.Command):
    """wasm-memory ADDRESS [LENGTH [MODULE]]: bytes of a linear memory (the first, or MODULE's)."""

    def __init__(self):
        super().__init__("wasm-memory", gdb.COMMAND_DATA)

    def read(self, wanted, address, length):
        for module, _, memory in memories():
            if wanted in (None, module):
                break
        else:
            raise gdb.GdbError("no such memory")
        size = int(memory["size"])
        if address < 0 or length < 0 or address + length > size:
            raise gdb.GdbError("0x%x, %d bytes: beyond the memory's 0x%x" % (address, length, size))
        return bytes(gdb.selected_inferior().read_memory(int(memory["data"]) + address, length))

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not 1 <= len(words) <= 3:
            raise gdb.GdbError(self.__doc__)
        address = int(gdb.parse_and_eval(words[0]))
        length = int(gdb.parse_and_eval(words[1])) if len(words) > 1 else 64
        with Level(USER):
            data = self.read(words[2] if len(words) > 2 else None, address, length)
        for at in range(0, length, 16):
            row = data[at:at + 16]
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
            print("%08x  %-47s  %s" % (address + at, row.hex(" "), text))


class IngotRegions(gdb.Command):
    """ingot-regions: the kernel's address space, region by region."""

    KINDS = ("reserved", "wired", "physical", "zeroed", "image", "view")

    def __init__(self):
        super().__init__("ingot-regions", gdb.COMMAND_DATA)

    def walk(self, region):
        if int(region) == 0:
            return
        self.walk(region["left"])
        start, length = int(region["start"]["raw"]), int(region["len"])
        bits = int(region["perms"]["bits"])
        perms = "".join(c if bits >> i & 1 else "-" for i, c in enumerate("rwxu"))
        name = region["name"].string() if int(region["name"]) else ""
        print("%016x %016x %s %-8s %s" % (start, start + length - 1, perms,
                                          self.KINDS[int(region["kind"])], name))
        self.walk(region["right"])

    def invoke(self, argument, from_tty):
        with Level(KERNEL):
            self.walk(gdb.parse_and_eval("kernel_aspace.root"))


load_names(gdb.convenience_variable("ingot_names").string())
for command in (WasmBreak, WasmBacktrace, WasmLocals, WasmMemory, IngotRegions):
    command()
