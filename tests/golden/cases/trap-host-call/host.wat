;; A host call is a line of the backtrace too: here one that nothing provides.
(module
  (import "env" "nothing" (func $nothing (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $helper (param i32) (result i32)
    (i32.add (call $nothing (local.get 0)) (i32.const 1)))
  (func (export "_start")
    (drop (i32.add (call $helper (i32.const 5)) (i32.const 1)))))
