#include "CHeadrace.h"

_Noreturn void hr_panic(void) { __builtin_trap(); }
