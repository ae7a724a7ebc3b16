wasm-break sum!add-two
continue
next 6
echo -- locals\n
wasm-locals
echo -- backtrace\n
wasm-bt
echo -- memory\n
wasm-memory 8 32
echo -- regions\n
python
for line in gdb.execute("ingot-regions", to_string=True).splitlines():
    if "linear memory" in line and "zeroed" in line or "kernel text" in line:
        print(" ".join(line.split()[2:]))
end
echo -- in the kernel\n
delete
break wasi_fd_write
continue
wasm-bt
wasm-memory 8 16
echo -- end\n
delete
detach
