(module
  (import "lib" "add" (func $add (param i32 i32) (result i32)))
  (func (export "_start"))
  (func (export "lib::own") (result i32) (i32.const 1))
  (func (export "own") (result i32) (call $add (i32.const 1) (i32.const 1))))
