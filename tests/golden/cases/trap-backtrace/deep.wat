;; A trap below calls of every kind: direct, one that the C compiler inlines, indirect, recursive.
(module
  (memory (export "memory") 1)
  (type $step (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 1) $indirect)

  (func $load (param $at i32) (result i32)
    (i32.load (local.get $at)))

  (func $indirect (param $n i32) (result i32)
    (i32.add (call $load (i32.add (local.get $n) (i32.const 0x20000))) (i32.const 1)))

  (func $recursive (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.mul (call_indirect (type $step) (local.get $n) (i32.const 1)) (i32.const 3)))
      (else (i32.add (call $recursive (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))))

  (func (export "run") (param $n i32) (result i32)
    (i32.add (call $recursive (local.get $n)) (i32.const 1))))
