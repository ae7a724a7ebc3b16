;; Recursion to a given depth.
(module
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else (i32.xor (i32.rotl (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)) (i32.const 1))))))
