/*
 * A folder of files that a test makes, gone when the test is over, however it
 * ends:
 *
 *     static void test_it(void **state)
 *     {
 *         temporary *t = *state;
 *         const char *path = temporary_write(t, "x.idx", bytes, sizeof bytes);
 *         ...
 *     }
 *     cmocka_unit_test_setup_teardown(test_it, temporary_setup,
 *                                     temporary_teardown)
 *
 * The folder is made below $TMPDIR, else /tmp. Whatever goes wrong here fails
 * the test.
 */
#ifndef SUPPORT_TEMPORARY_H
#define SUPPORT_TEMPORARY_H

#include <stddef.h>

typedef struct temporary temporary;

/* For cmocka: *state becomes a temporary, empty. */
int temporary_setup(void **state);
int temporary_teardown(void **state);

/* Path of the folder, without a slash at its end. */
const char *temporary_folder(const temporary *t);

/* Path of a file in it, there or not. It lives as long as t, and is the same
   for the same name. */
const char *temporary_path(temporary *t, const char *name);

/* Writes a file, replacing one of that name; returns its path. */
const char *temporary_write(temporary *t, const char *name, const void *bytes,
                            size_t length);

/* Makes a folder in it; returns its path. Names may then be "folder/file". */
const char *temporary_mkdir(temporary *t, const char *name);

/* All of a file, by path; release it with free(). A NUL that does not count
   stands behind it, so text can be compared. */
void *temporary_read(const char *path, size_t *length);

/* How many names the folder holds. */
size_t temporary_count(const temporary *t);

#endif
