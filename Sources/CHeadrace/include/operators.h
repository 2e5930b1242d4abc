/* operators.h - sets of operators. A program links the operators of the sets that it names.

   A set is two functions: nothing but them refers to the set's operators and kernels, so that a linker
   keeps no others. */
#ifndef HR_OPERATORS_H
#define HR_OPERATORS_H

#include "kernels.h"

struct hr_operators {
  /* Writes the OperatorFunctions of this code to memory for one, or returns 0: it is not in the set. */
  uint32_t (*find)(uint16_t code, void *functions);
  /* Fills what the set's operators use of the table with the fastest kernels that features (HR_CPU_*)
     allow. */
  void (*choose_kernels)(uint32_t features, hr_kernels *table);
  /* Bit t: operands may be of hrm_type t. Kernels for other activations may be missing from the table. */
  uint32_t types;
};

uint32_t hr_find_any_operator(uint16_t code, void *functions);
void hr_choose_all_kernels(uint32_t features, hr_kernels *table);

uint32_t hr_find_convolution_operator(uint16_t code, void *functions);
void hr_choose_int8_convolution_kernels(uint32_t features, hr_kernels *table);

#endif /* HR_OPERATORS_H */
