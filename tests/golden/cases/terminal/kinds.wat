;; Prints the file type of descriptors 0, 1 and 2: 2 is a character device, 0 unknown (a pipe), 4 a
;; file; and whether the right to seek (bit 2) is there, as libc's isatty() asks.
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $digit (param $at i32) (param $value i32)
    (i32.store8 (local.get $at) (i32.add (local.get $value) (i32.const 48))))
  (func (export "_start") (local $fd i32)
    (loop $next
      (if (call $get (local.get $fd) (i32.const 64)) (then (unreachable)))
      (call $digit (i32.add (i32.const 128) (i32.mul (local.get $fd) (i32.const 3)))
        (i32.load8_u (i32.const 64)))
      (call $digit (i32.add (i32.const 129) (i32.mul (local.get $fd) (i32.const 3)))
        (i32.and (i32.shr_u (i32.load (i32.const 72)) (i32.const 2)) (i32.const 1)))
      (i32.store8 offset=130 (i32.mul (local.get $fd) (i32.const 3)) (i32.const 32))
      (br_if $next (i32.lt_u (local.tee $fd (i32.add (local.get $fd) (i32.const 1)))
        (i32.const 3))))
    (i32.store8 (i32.const 136) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 128))
    (i32.store (i32.const 4) (i32.const 9))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
