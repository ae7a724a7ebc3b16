(module
  (import "lib" "multiplt" (func (param i32 i32) (result i32)))
  (import "lbi" "multiply" (func (param i32 i32) (result i32)))
  (import "lib" "memory" (memory 1))
  (func (export "_start")))
