;; SPDX-License-Identifier: MIT
;; What fibonacci.ts is, for a host without the AssemblyScript compiler.
(module
  (func (export "fibonacci") (param $n i32) (result i64)
    (local $a i64) (local $b i64) (local $c i64)
    (local.set $b (i64.const 1))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $c (i64.add (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $c))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $a)))
