/* panic.c - where a failed precondition of the Swift parsers ends, as the compiler is told by
   -trap-function. Weak, because the core has one of its own. */
_Noreturn void hr_panic(void);

__attribute__((weak)) _Noreturn void hr_panic(void) { __builtin_trap(); }
