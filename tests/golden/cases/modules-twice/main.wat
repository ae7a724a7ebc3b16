(module
  (import "one" "next" (func $one (result i32)))
  (import "an-other" "next" (func $two (result i32)))
  (func (export "run") (result i32 i32 i32 i32)
    (call $one) (call $one) (call $one) (call $two)))
