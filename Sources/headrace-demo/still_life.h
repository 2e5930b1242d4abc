/* still_life.h - a picture of fruit on a table, drawn for those who have none at hand. */
#ifndef DEMO_STILL_LIFE_H
#define DEMO_STILL_LIFE_H

#include <stdint.h>

enum { STILL_LIFE_WIDTH = 640, STILL_LIFE_HEIGHT = 480 };

/* Draws into RGB24, STILL_LIFE_WIDTH * STILL_LIFE_HEIGHT * 3 bytes. Integers only: the same bytes
   everywhere. */
void draw_still_life(uint8_t *rgb);

#endif /* DEMO_STILL_LIFE_H */
