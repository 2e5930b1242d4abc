#include "still_life.h"

struct color {
  int red, green, blue;
};

/* A shaded ellipse: one fruit. */
struct fruit {
  int x, y, width, height; /* centre and half axes */
  struct color color;
};

static const struct fruit fruits[] = {
    {210, 285, 92, 88, {196, 36, 30}},  {372, 300, 84, 80, {226, 124, 22}},
    {300, 340, 76, 74, {120, 168, 44}}, {470, 332, 70, 62, {232, 200, 48}},
    {138, 346, 58, 56, {90, 34, 92}},
};
enum { FRUITS = sizeof fruits / sizeof fruits[0] };

static int clamp(int value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

/* Grain like a sensor's, -8 ... 7, from an integer hash of the position. */
static int grain(int x, int y) {
  uint32_t hash = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u;
  hash ^= hash >> 15;
  hash *= 0x2c1b3c6du;
  hash ^= hash >> 12;
  return (int)(hash & 15) - 8;
}

static struct color background(int x, int y) {
  const int edge = 300;
  if (y < edge) { /* a wall, lighter towards the left */
    int light = 190 - x / 6 - y / 10;
    return (struct color){light, light - 8, light - 30};
  }
  int plank = (x / 90) % 2 * 10 + (x * 7 + y * 3) % 23 / 4;
  return (struct color){150 - plank - (y - edge) / 8, 104 - plank - (y - edge) / 9, 62 - plank / 2};
}

/* How far (x, y) lies inside an ellipse, in 1/1024: 1024 at its centre, 0 on its edge. */
static int inside(int x, int y, int width, int height) {
  int64_t across = (int64_t)x * x * 1024 / (width * width);
  int64_t down = (int64_t)y * y * 1024 / (height * height);
  return across + down >= 1024 ? 0 : (int)(1024 - across - down);
}

static struct color shade(struct color color, int light) {
  return (struct color){color.red * light / 1024, color.green * light / 1024,
                        color.blue * light / 1024};
}

static struct color pixel(int x, int y) {
  struct color color = background(x, y);
  for (int i = 0; i < FRUITS; i++) {
    const struct fruit *fruit = &fruits[i];
    int dx = x - fruit->x, dy = y - fruit->y;
    /* The shadow that it throws to the right, then the fruit, lit from the upper left. */
    int shadow = inside(dx - fruit->width / 4, dy - fruit->height * 3 / 4, fruit->width,
                        fruit->height / 3);
    if (shadow) color = shade(color, 1024 - shadow * 6 / 10);
    int depth = inside(dx, dy, fruit->width, fruit->height);
    if (depth) {
      int light = 420 + depth / 2 - (dx + dy) * 220 / (fruit->width + fruit->height);
      color = shade(fruit->color, light > 1024 ? 1024 : light);
      int gloss = inside(dx + fruit->width / 3, dy + fruit->height / 3, fruit->width / 5 + 1,
                         fruit->height / 6 + 1);
      color.red += gloss / 8;
      color.green += gloss / 8;
      color.blue += gloss / 8;
    }
  }
  return color;
}

void draw_still_life(uint8_t *rgb) {
  for (int y = 0; y < STILL_LIFE_HEIGHT; y++) {
    for (int x = 0; x < STILL_LIFE_WIDTH; x++) {
      struct color color = pixel(x, y);
      int noise = grain(x, y);
      *rgb++ = (uint8_t)clamp(color.red + noise);
      *rgb++ = (uint8_t)clamp(color.green + noise);
      *rgb++ = (uint8_t)clamp(color.blue + noise);
    }
  }
}
