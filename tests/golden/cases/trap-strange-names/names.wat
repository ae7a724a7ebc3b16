(module
  (memory 1)
  (func $innerEEEEEE (param i32) (result i32)
    (if (i32.gt_u (memory.grow (local.get 0)) (i32.const 0)) (then unreachable))
    (i32.load (i32.const 0)))
  (func $middleBBBB (param i32) (result i32)
    (i32.add (call $innerEEEEEE (i32.const 1)) (i32.const 1)))
  (func $outerRRR (export "go") (result i32)
    (i32.add (call $middleBBBB (i32.const 1)) (i32.const 1))))
