;; poll_oneoff on the monotonic clock, five seconds from now; prints the event's error and type.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 128) "woke up\n")
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))                ;; monotonic
    (i64.store (i32.const 24) (i64.const 5000000000))
    (if (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 60))
      (then (unreachable)))
    (if (i32.load16_u (i32.const 72)) (then (unreachable)))
    (i32.store (i32.const 0) (i32.const 128))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
