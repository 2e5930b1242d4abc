/* operators.c - the sets of operators that headrace.h offers. */
#include "CHeadrace.h"

const hr_operators *hr_operators_all(void) {
  static const hr_operators set = {hr_find_any_operator, hr_choose_all_kernels, UINT32_MAX};
  return &set;
}

/* int8 for activations and weights, int32 for biases, requantization and tables. */
const hr_operators *hr_operators_int8_convolution(void) {
  static const hr_operators set = {
      hr_find_convolution_operator, hr_choose_int8_convolution_kernels,
      1u << HRM_INT8 | 1u << HRM_INT32};
  return &set;
}
