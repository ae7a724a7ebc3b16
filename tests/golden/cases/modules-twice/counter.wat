(module
  (global $n (mut i32) (i32.const 0))
  (memory 1)
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 10)))
    (i32.add (global.get $n) (i32.load8_u (i32.const 0)))))
