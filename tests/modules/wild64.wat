;; SPDX-License-Identifier: MIT
;; The same with addresses of 64 bits: every place of the machine can be named.
(module
  (memory (export "memory") i64 2 64)
  (func (export "store8") (param i64 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store64") (param i64 i32)
    (i64.store (local.get 0) (i64.extend_i32_u (local.get 1))))
  (func (export "store_far") (param i64 i32)
    (i64.store offset=0xffffffffffff (local.get 0) (i64.extend_i32_u (local.get 1))))
  (func (export "fill") (param i64 i32)
    (memory.fill (local.get 0) (i32.const 0xaa) (i64.extend_i32_u (local.get 1))))
  (func (export "copy") (param i64 i32)
    (memory.copy (local.get 0) (i64.const 0) (i64.extend_i32_u (local.get 1)))))
