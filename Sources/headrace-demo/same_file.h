/* same_file.h - whether two paths lead to one file, which is not to be read and replaced at once. */
#ifndef DEMO_SAME_FILE_H
#define DEMO_SAME_FILE_H

/* 0 too where one of them is NULL, or nothing is there. */
int is_same_file(const char *first, const char *second);

#endif /* DEMO_SAME_FILE_H */
