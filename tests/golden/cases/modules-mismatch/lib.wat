(module
  (func (export "f") (param i64) (result i32) (i32.const 0))
  (memory (export "m") 1 2)
  (table (export "t") 1 externref)
  (global (export "g") (mut i32) (i32.const 0))
  (tag (export "e") (param i32))
  (func (export "k")))
