#include "threads.h"

#include "network.h"

int open_threads(hr_pool **pool, uint32_t *threads, uint32_t features, hr_session_config *config) {
  hr_error error = new_error();
  if (!*threads) *threads = hr_cpu_count() < 64 ? hr_cpu_count() : 64;
  if (hr_pool_create(pool, *threads, &error) != HR_OK) return print_error("threads", &error);
  hr_session_config_init(config);
  hr_pool_configure(*pool, config);
  config->cpu_features = features;
  return 1;
}
