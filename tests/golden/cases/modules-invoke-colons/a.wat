(module
  (func (export "b::c") (result i32) (i32.const 1))
  (func (export "only") (result i32) (i32.const 10)))
