(module
  (memory 1)
  (func (export "f"))
  (data (i32.const 65530) "too far out"))
