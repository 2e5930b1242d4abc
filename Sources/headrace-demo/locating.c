/* locating.c - the networks that a locator runs: which files they are, and their sessions. */
#define _GNU_SOURCE
#include "locating.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* The path of the judge of a network of samples: NAME.judge.hrm beside NAME.hrm. */
static char *judge_of(const char *samples) {
  const size_t length = strlen(samples);
  const size_t stem = length > 4 && strcmp(samples + length - 4, ".hrm") == 0 ? length - 4 : length;
  char *path = NULL;
  return asprintf(&path, "%.*s.judge.hrm", (int)stem, samples) < 0 ? NULL : path;
}

void find_locating(struct locating *locating, hr_locate_method method, const char *named, const hr_array *array) {
  const int is_samples = method == HR_LOCATE_SAMPLES;
  locating->evidence_path = named && !is_samples ? strdup(named) : shipped_model("locate/locate.hrm");
  /* Trained for respeaker-4 and uma-8; the locator tells whether microphones stand as theirs do. */
  char name[64];
  snprintf(name, sizeof name, "beamlearning/circle-%u.hrm", array->microphone_count);
  locating->samples_path = named && is_samples ? strdup(named) : shipped_model(name);
  locating->judge_path = locating->samples_path ? judge_of(locating->samples_path) : NULL;
}

int suits_evidence(const struct locating *locating, const hr_array *array) {
  float widest = 0, area = 0;
  for (uint32_t a = 0; a < array->microphone_count; a++)
    for (uint32_t b = 0; b < a; b++) {
      const float *p = array->positions[a], *q = array->positions[b], *o = array->positions[0];
      const float x = p[0] - q[0], y = p[1] - q[1], z = p[2] - q[2];
      const float turned = (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0]);
      widest = fmaxf(widest, sqrtf(x * x + y * y + z * z));
      area = fmaxf(area, fabsf(turned));
    }
  return widest >= 0.04f && widest <= 0.2f && area >= 0.1f * widest * widest && locating->evidence_path &&
         access(locating->evidence_path, R_OK) == 0;
}

static int open_one(struct network *network, const char *path, hr_session **session) {
  hr_session_config config;
  hr_session_config_init(&config);
  config.cpu_features = hr_cpu_detect();
  if (!path) return print_no_memory("the networks' paths");
  if (!open_network(network, path, &config)) return 0;
  *session = network->session;
  return 1;
}

int open_locating(struct locating *locating, hr_locator_config *config) {
  if (config->method == HR_LOCATE_NETWORK)
    return open_one(&locating->evidence, locating->evidence_path, &config->network);
  if (config->method != HR_LOCATE_SAMPLES) return 1;
  if (locating->samples_path && access(locating->samples_path, F_OK) != 0) {
    return complain("%s is not there: networks of samples come for arrays like respeaker-4 and uma-8; use"
                    " --method network, or name one with --model",
                    locating->samples_path);
  }
  if (locating->judge_path && access(locating->judge_path, F_OK) != 0) {
    return complain("%s is not there: it tells directions from what %s makes; put it beside that, from where"
                    " that came",
                    locating->judge_path, locating->samples_path);
  }
  return open_one(&locating->samples, locating->samples_path, &config->samples) &&
         open_one(&locating->judge, locating->judge_path, &config->judge);
}

const char *locating_path(const struct locating *locating, hr_locate_method method) {
  return method == HR_LOCATE_NETWORK   ? locating->evidence_path
         : method == HR_LOCATE_SAMPLES ? locating->samples_path
                                       : NULL;
}

void close_locating(struct locating *locating) {
  close_network(&locating->evidence);
  close_network(&locating->samples);
  close_network(&locating->judge);
  free(locating->evidence_path);
  free(locating->samples_path);
  free(locating->judge_path);
}
