/* Pictures that lie in a page. */
#include "pages/data_uri.h"

/* cmocka.h needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void test_as_data(void **state)
{
    uint8_t pixel = 9;
    mnist_html html = {0};
    (void)state;
    mnist_html_data_uri(
        &html, &(mnist_bitmap){.pixels = &pixel, .rows = 1, .cols = 1});
    assert_false(html.failed);
    /* The signature and the beginning of IHDR. */
    static const char start[] = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg";
    assert_true(html.length > sizeof start);
    assert_memory_equal(html.bytes, start, sizeof start - 1);
    mnist_buffer_free(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
