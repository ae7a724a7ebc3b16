;; More than what lies at address 0 can hold.
(module
  (memory (export "memory") 32768)
  (func (export "grow") (param i32 i32) (result i32 i32 i32)
    (memory.grow (local.get 0)) (memory.grow (local.get 1)) memory.size)
  (func (export "grown_load") (param i32 i32) (result i32)
    (drop (memory.grow (local.get 0)))
    (i32.store8 (local.get 1) (i32.const 77)) (i32.load8_u (local.get 1))))
