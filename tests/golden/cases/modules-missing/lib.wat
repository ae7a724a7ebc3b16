(module (func (export "multiply") (param i32 i32) (result i32) (i32.const 0)))
