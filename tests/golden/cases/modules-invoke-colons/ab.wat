(module (func (export "c") (result i32) (i32.const 2)))
