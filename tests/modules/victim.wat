;; SPDX-License-Identifier: MIT
;; Has something of everything, and never changes it.
(module
  (memory (export "memory") 3)
  (data (i32.const 0) "the first bytes")
  (data (i32.const 196590) "the last bytes")
  (table (export "table") 8 funcref)
  (elem (i32.const 0) $one $two)
  (global $secret (mut i64) (i64.const 0x5ec2e7))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "secret") (result i64) (global.get $secret)))
