#include "label.h"

#include <stdio.h>

void find_label(const hr_model *model, uint32_t index, struct label *label) {
  if (model && hr_model_label(model, index, &label->text, &label->length) == HR_OK) return;
  label->text = label->number;
  label->length = (size_t)snprintf(label->number, sizeof label->number, "class %u", index);
}
