/* The page to draw on, as text: what is in it, and that nothing gets out of its
   place. scripts/check-draw.sh opens it in a browser. */
#include <mnist/exchange.h>

#include "model/chain.h"
#include "pages/texts.h"
#include "support/networks.h"
#include "support/temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE "conv2d:3:3x3:relu,maxpool:2x2,dropout:0.1,dense:10:softmax"

static char *export_page(temporary *t, const mnist_network *net)
{
    mnist_error err;
    size_t length;
    const char *path = temporary_path(t, "page.html");
    if (mnist_export_html(net, path, &err))
        fail_msg("%s", err.message);
    char *page = temporary_read(path, &length);
    assert_int_equal(strlen(page), length);
    return page;
}

/* How often `what` stands in the text, in capitals or not. */
static size_t count(const char *text, const char *what)
{
    size_t found = 0, length = strlen(what);
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && (text[i] | 0x20) == what[i])
            i++;
        found += i == length;
    }
    return found;
}

static void assert_holds(const char *page, const char *text)
{
    if (!strstr(page, text))
        fail_msg("not in the page: %s", text);
}

static void assert_holds_piece(const char *page, const mnist_piece *piece)
{
    char *text = malloc(piece->length + 1);
    assert_non_null(text);
    memcpy(text, piece->bytes, piece->length);
    text[piece->length] = '\0';
    assert_holds(page, text);
    free(text);
}

/* All that the template is for is in its place, and no name in braces stays. */
static void test_parts(void **state)
{
    mnist_network *net = make_network(LINE, 28, 28, 255, 1);
    char *page = export_page(*state, net);
    assert_holds_piece(page, &mnist_page_draw_css);
    assert_holds_piece(page, &mnist_page_draw_network_js);
    assert_holds_piece(page, &mnist_page_draw_picture_js);
    assert_holds_piece(page, &mnist_page_draw_ink_js);
    assert_holds_piece(page, &mnist_page_draw_js);
    assert_int_equal(count(page, "{style}"), 0);
    assert_int_equal(count(page, "{script}"), 0);
    assert_int_equal(count(page, "{network}"), 0);
    assert_int_equal(count(page, "{version}"), 0);
    assert_int_equal(count(page, "<script"), 2);
    assert_int_equal(count(page, "</script"), 2);
    assert_int_equal(count(page, "</style"), 1);
    free(page);
    mnist_network_free(net);
}

static void test_asks_for_nothing(void **state)
{
    mnist_network *net = make_network(LINE, 28, 28, 255, 1);
    char *page = export_page(*state, net);
    assert_holds(page, "content=\"default-src 'none'; "
                       "script-src 'unsafe-inline'; "
                       "style-src 'unsafe-inline'; img-src data:\"");
    assert_int_equal(count(page, "https:"), 0);
    assert_int_equal(count(page, "http:"), 1); /* the name of SVG */
    assert_holds(page, "xmlns='http://www.w3.org/2000/svg'");
    assert_int_equal(count(page, "src="), 0);
    assert_null(strstr(page, "url("));
    assert_int_equal(count(page, "@import"), 0);
    free(page);
    mnist_network_free(net);
}

/* ---- What is said of the network ---- */

static int digit_of(char c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* Fails unless the base64 up to its quote is those floats, least byte first. */
static void assert_floats(const char *text, const float *values, size_t n)
{
    uint32_t bits = 0;
    size_t have = 0, byte = 0;
    for (; digit_of(*text) >= 0; text++) {
        bits = bits << 6 | (uint32_t)digit_of(*text);
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        uint32_t value;
        assert_true(byte / 4 < n);
        memcpy(&value, values + byte / 4, sizeof value);
        assert_int_equal(bits >> have & 0xff, value >> 8 * (byte % 4) & 0xff);
        byte++;
    }
    assert_int_equal(byte, 4 * n);
    while (*text == '=')
        text++;
    assert_int_equal(*text, '"');
}

static void assert_tensor(const char *page, const mnist_tensor *tensor)
{
    char start[128];
    int length = snprintf(start, sizeof start,
                          "{\"name\": \"%s\", \"shape\": [", tensor->name);
    for (unsigned i = 0; i < tensor->dims; i++)
        length += snprintf(start + length, sizeof start - (size_t)length,
                           "%s%zu", i ? ", " : "", tensor->size[i]);
    snprintf(start + length, sizeof start - (size_t)length,
             "],\n \"values\": \"");
    const char *found = strstr(page, start);
    if (!found)
        fail_msg("not in the page: %s", start);
    assert_floats(found + strlen(start), tensor->data, tensor->count);
}

static void test_network(void **state)
{
    const mnist_tensor *tensor;
    mnist_network *net = make_network(LINE, 20, 30, 0.1f, 1);
    char *page = export_page(*state, net);
    assert_holds(page,
                 "{\"network\": \"" LINE "\",\n"
                 " \"rows\": 20, \"cols\": 30, \"scale\": 0.1,\n"
                 " \"classes\": 10, \"parameters\": 3820,\n \"tensors\": [\n");
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++)
        assert_tensor(page, tensor);
    free(page);
    mnist_network_free(net);
}

/* No line can hold this; if one could, it would stay where it belongs. */
static void test_text_stays_in_its_place(void **state)
{
    mnist_network *net = make_network(LINE, 28, 28, 255, 1);
    snprintf(net->line, sizeof net->line,
             "\"</script><ScRiPt>alert(1)</SCRIPT><!--{style}\\\n\x1b\xff");
    char *page = export_page(*state, net);
    assert_holds(page, "{\"network\": \"\\\"\\u003c/script>\\u003cScRiPt>"
                       "alert(1)\\u003c/SCRIPT>\\u003c!--{style}\\\\\\u000a"
                       "\\u001b\xef\xbf\xbd\",");
    assert_int_equal(count(page, "<script"), 2);
    assert_int_equal(count(page, "</script"), 2);
    free(page);
    mnist_network_free(net);
}

/* ---- Files ---- */

static void test_same_bytes(void **state)
{
    mnist_network *net = make_network(LINE, 28, 28, 255, 1);
    char *page = export_page(*state, net), *again = export_page(*state, net);
    assert_string_equal(page, again);
    free(page);
    free(again);
    mnist_network_free(net);
}

static void test_no_such_folder(void **state)
{
    mnist_error err;
    mnist_network *net = make_network(LINE, 28, 28, 255, 1);
    const char *path = temporary_path(*state, "none/page.html");
    assert_int_equal(mnist_export_html(net, path, &err), MNIST_ERROR_SYSTEM);
    assert_non_null(strstr(err.message, "page.html"));
    mnist_network_free(net);
}

#define TEST(f)                                                                \
    cmocka_unit_test_setup_teardown(f, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_parts),      TEST(test_asks_for_nothing),
        TEST(test_network),    TEST(test_text_stays_in_its_place),
        TEST(test_same_bytes), TEST(test_no_such_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
