/* version.c - the version as text, made of the header's numbers. */
#include "CHeadrace.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

const char *hr_version_string(void) {
  return TEXT(HR_VERSION_MAJOR) "." TEXT(HR_VERSION_MINOR) "." TEXT(HR_VERSION_PATCH);
}
