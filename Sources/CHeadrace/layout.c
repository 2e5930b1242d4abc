/* layout.c - the sizes that FORMAT.md states, checked by every C compiler that builds the library. */
#include "CHeadrace.h"

_Static_assert(sizeof(hrm_header) == HRM_HEADER_BYTES, "hrm_header");
_Static_assert(sizeof(hrm_tensor) == 64, "hrm_tensor");
_Static_assert(sizeof(hrm_operator) == 96, "hrm_operator");
_Static_assert(sizeof(hrm_metadata) == 16, "hrm_metadata");
_Static_assert(sizeof(hrm_frame_input) == 16, "hrm_frame_input");
_Static_assert(sizeof(hrm_conv) <= 64 && sizeof(hrm_pool2d) <= 64 && sizeof(hrm_slice) <= 64 &&
                   sizeof(hrm_binary) <= 64 && sizeof(hrm_norm) <= 64 && sizeof(hrm_pad) <= 64,
               "parameters");
