(module
  (import "a" "b::c" (func $a (result i32)))
  (import "a::b" "c" (func $ab (result i32)))
  (func (export "_start"))
  (func (export "sum") (result i32) (i32.add (call $a) (call $ab))))
