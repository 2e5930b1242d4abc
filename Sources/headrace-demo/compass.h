/* compass.h - where sounds come from, drawn in a terminal. */
#ifndef DEMO_COMPASS_H
#define DEMO_COMPASS_H

#include "headrace.h"

/* Draws over what it drew before. */
void draw_compass(const hr_location *location, double seconds);
/* Leaves the cursor below the drawing. */
void end_compass(void);

/* The nearest of 0 ... 359: 359.6 degrees are 0. */
int whole_degrees(float azimuth);

#endif /* DEMO_COMPASS_H */
