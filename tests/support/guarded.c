/* MAP_ANONYMOUS is not in POSIX 2008. */
#define _DEFAULT_SOURCE
#include "support/guarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

guarded guarded_floats(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = n * sizeof(float);
    size_t open = (bytes + page - 1) / page * page;
    guarded memory = {.size = open + page};
    memory.pages = mmap(NULL, memory.size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory.pages != MAP_FAILED);
    char *end = (char *)memory.pages + open;
    assert_int_equal(mprotect(end, page, PROT_NONE), 0);
    memory.data = (float *)(void *)(end - bytes);
    return memory;
}

void guarded_free(guarded *memory)
{
    assert_int_equal(munmap(memory->pages, memory->size), 0);
    *memory = (guarded){0};
}
