;; More than any 32-bit memory can hold here.
(module
  (memory (export "memory") 65536)
  (func (export "size") (result i32) memory.size))
