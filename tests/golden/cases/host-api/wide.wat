(module
  (import "api" "reach" (func $reach (param i64 i64) (result i32)))
  (memory (export "memory") i64 2)
  (func (export "wide") (result i32 i32 i32)
    (call $reach (i64.const 131071) (i64.const 1))
    (call $reach (i64.const 0x100000000) (i64.const 1))
    (i32.load8_u (i64.const 131071))))
