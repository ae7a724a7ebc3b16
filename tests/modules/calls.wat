;; SPDX-License-Identifier: MIT
;; Calls another module, n times.
(module
  (import "callee" "add" (func $add (param i32 i32) (result i32)))
  (func (export "loop") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
