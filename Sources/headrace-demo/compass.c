/* compass.c - a ring seen from above, x to the right and y up; tracks by their number's last digit. */
#include "compass.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum { ROWS = 13, COLUMNS = 27 };
static const double degree = 3.14159265358979323846 / 180;
static int is_drawn;

static char *cell(char picture[ROWS][COLUMNS + 1], double azimuth, double radius) {
  int column = (int)lround((COLUMNS - 1) / 2.0 * (1 + radius * cos(azimuth * degree)));
  int row = (int)lround((ROWS - 1) / 2.0 * (1 - radius * sin(azimuth * degree)));
  return &picture[row][column];
}

int whole_degrees(float azimuth) { return (int)lroundf(azimuth) % 360; }

void draw_compass(const hr_location *location, double seconds) {
  char picture[ROWS][COLUMNS + 1];
  for (int row = 0; row < ROWS; row++) {
    memset(picture[row], ' ', COLUMNS);
    picture[row][COLUMNS] = 0;
  }
  for (int azimuth = 0; azimuth < 360; azimuth += 6) *cell(picture, azimuth, 1) = '.';
  *cell(picture, 0, 0) = '+';
  for (uint32_t i = 0; i < location->direction_count; i++)
    *cell(picture, (double)location->directions[i].azimuth, 0.75) = 'o';
  for (uint32_t i = 0; i < location->track_count; i++)
    *cell(picture, (double)location->tracks[i].direction.azimuth, 1) =
        (char)('0' + location->tracks[i].id % 10);
  if (is_drawn) printf("\033[%dA", ROWS + 1);
  is_drawn = 1;
  printf("\r%s%8.2f s%s\033[K\n", dim(stdout), seconds, plain(stdout));
  for (int row = 0; row < ROWS; row++) {
    printf("  %s", picture[row]);
    if (row > 0 && (uint32_t)(row - 1) < location->track_count) {
      const hr_track *track = &location->tracks[row - 1];
      printf("   %s%u%s  azimuth %3d, elevation %2.0f, activity %.2f", bold(stdout), track->id,
             plain(stdout), whole_degrees(track->direction.azimuth), (double)track->direction.elevation,
             (double)track->activity);
    }
    printf("\033[K\n");
  }
  fflush(stdout);
}

void end_compass(void) {
  if (is_drawn) printf("\n");
  is_drawn = 0;
}
