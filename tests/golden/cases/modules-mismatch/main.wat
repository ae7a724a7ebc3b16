;; None of these fits what `lib` exports by the same name.
(module
  (import "lib" "f" (func (param i32) (result i32)))
  (import "lib" "m" (memory 2))
  (import "lib" "t" (table 1 funcref))
  (import "lib" "g" (global i32))
  (import "lib" "e" (tag (param i64)))
  (import "lib" "k" (global i32))
  (func (export "_start")))
