;; Addresses that differ by constants, around both ends of the address space.
(module
  (memory 1)
  (data (i32.const 0) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00")
  ;; x + 16, x + 20, x + 12 and x + 8: with x = -16 these are 0, 4, -4 and -8.
  (func (export "around") (param $x i32) (param $y i32) (result i32)
    (i32.store (i32.add (local.get $x) (i32.const 16))
      (i32.mul (i32.load (i32.add (local.get $x) (i32.const 16))) (i32.const 10)))
    (i32.store (i32.add (local.get $x) (i32.const 20))
      (i32.add (i32.load (i32.add (local.get $x) (i32.const 16)))
               (i32.load offset=4 (i32.add (local.get $x) (i32.const 20)))))
    (if (local.get $y)
      (then (drop (i32.load (i32.add (local.get $x) (i32.const 12))))))
    (i32.load (i32.const 4)))
  ;; The second address is below the first, its offset leads back into the memory: still a trap.
  (func (export "below") (param $x i32) (result i32)
    (drop (i32.load (local.get $x)))
    (i32.load offset=8 (i32.sub (local.get $x) (i32.const 8)))))
