/* devices.h - headrace_io.h for Swift code of the workstation, as the submodule CHeadrace.Devices: a
   module of its own would declare the types of headrace.h a second time. */
#ifndef HR_DEVICES_H
#define HR_DEVICES_H

#include "../../../include/headrace_io.h"

#endif /* HR_DEVICES_H */
