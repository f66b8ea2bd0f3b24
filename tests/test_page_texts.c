/* The texts of src/pages are in the program as they stand. */
#include "pages/texts.h"

#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *path, const mnist_piece *text)
{
    size_t length;
    char *file = temporary_read(path, &length);
    assert_int_equal(text->length, length);
    assert_memory_equal(text->bytes, file, length);
    free(file);
}

#define PAGES MNIST_TEST_DIR "/../src/pages/"

static void test_as_they_stand(void **state)
{
    (void)state;
    expect(PAGES "draw.html", &mnist_page_draw_html);
    expect(PAGES "draw.css", &mnist_page_draw_css);
    expect(PAGES "draw.js", &mnist_page_draw_js);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
