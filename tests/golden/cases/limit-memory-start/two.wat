(module (memory 2) (func (export "_start")))
