#include "support/tiny.h"

#include "support/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const unsigned char tiny_data[TINY_DATA];

/* Puts the right file's checksum in the place of the zeros. */
static void set_old_sum(char *header)
{
    static const char key[] = "\"crc32\":\"";
    char *at = strstr(header, "\"00000000\"");
    sealed file;
    if (!at)
        return;
    sealed_make(&file, TINY_HEADER, tiny_data, sizeof tiny_data);
    file.bytes[file.length - sizeof tiny_data] = '\0';
    const char *sum = strstr((const char *)file.bytes + 8, key);
    assert_non_null(sum);
    memcpy(at + 1, sum + sizeof key - 1, 8);
}

void tiny_refused_with(damage *d, temporary *t, const char *header,
                       const char *what, bool old_sum)
{
    char copy[SEALED_MAX];
    sealed file;
    snprintf(copy, sizeof copy, "%s", header);
    if (old_sum)
        set_old_sum(copy);
    sealed_make(&file, copy, tiny_data, sizeof tiny_data);
    damage_file(d, t, what, file.bytes, file.length);
}

void tiny_refused(damage *d, temporary *t, const char *header, const char *what)
{
    tiny_refused_with(d, t, header, what, false);
    tiny_refused_with(d, t, header, what, true);
}
