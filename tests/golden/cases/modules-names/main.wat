(module
  (import "a-b" "f" (func $f (result i32)))
  (import "a_b" "f" (func $g (result i32)))
  (import "a_b_2" "f" (func $h (result i32)))
  (import "wasi:io/streams@0.2.0" "f" (func $i (result i32)))
  (func (export "sum") (result i32)
    (i32.add (call $f) (i32.add (call $g) (i32.add (call $h) (call $i))))))
