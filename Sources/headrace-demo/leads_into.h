/* leads_into.h - whether what is written into one folder would be what is read from another. */
#ifndef DEMO_LEADS_INTO_H
#define DEMO_LEADS_INTO_H

/* The path, to be freed, of a symbolic link in `folder` that leads to a file in `other`; NULL if there is none. */
char *leads_into(const char *folder, const char *other);

#endif /* DEMO_LEADS_INTO_H */
