(module (import "lib" "f" (func)) (func (export "_start")))
