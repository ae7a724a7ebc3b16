(module
  (import "sensor" "read" (func (param i32) (result i64)))
  (import "sensor" "raed" (func (param i32) (result i32)))
  (import "other" "f" (func))
  (func (export "_start")))
