/*
 * The page to draw on: src/pages/draw.html, with its style, its scripts and the
 * network in place of the names in braces. What is computed in the page is in
 * draw_network.js, which also says how the network is described to it.
 */
#include "base/base64.h"
#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "pages/texts.h"

#include <mnist/exchange.h>
#include <mnist/version.h>

#include <string.h>

/* ---- The network as JSON ---- */

/* JSON in a page ends at the first "</script", so no text keeps its '<'. */
static void add_text(mnist_buffer *page, const char *text)
{
    char *quoted = mnist_alloc(MNIST_JSON_QUOTED_MAX(strlen(text)), 1);
    if (!quoted) {
        page->failed = true;
        return;
    }
    const char *end = mnist_json_quote(quoted, text);
    for (const char *c = quoted; c < end; c++)
        if (*c == '<')
            mnist_buffer_text(page, "\\u003c");
        else
            mnist_buffer_byte(page, (uint8_t)*c);
    mnist_free(quoted);
}

/* In parts that are whole groups of three bytes, so that the characters of one
   follow those of another. */
static void add_floats(mnist_buffer *page, const float *values, size_t count)
{
    enum { PART = 3 * 256 };
    uint8_t bytes[4 * PART];
    char text[sizeof bytes / 3 * 4];
    for (size_t first = 0; first < count; first += PART) {
        size_t n = count - first < PART ? count - first : PART;
        for (size_t i = 0; i < n; i++) {
            uint32_t bits;
            memcpy(&bits, values + first + i, sizeof bits);
            mnist_store_le32(bytes + 4 * i, bits);
        }
        const char *end = mnist_base64_encode(text, bytes, 4 * n);
        mnist_buffer_add(page, text, (size_t)(end - text));
    }
}

static void add_tensor(mnist_buffer *page, const mnist_tensor *tensor)
{
    mnist_buffer_text(page, "{\"name\": ");
    add_text(page, tensor->name);
    mnist_buffer_text(page, ", \"shape\": [");
    for (unsigned i = 0; i < tensor->dims; i++)
        mnist_buffer_format(page, "%s%zu", i ? ", " : "", tensor->size[i]);
    mnist_buffer_text(page, "],\n \"values\": \"");
    add_floats(page, tensor->data, tensor->count);
    mnist_buffer_text(page, "\"}");
}

static void add_network(mnist_buffer *page, const mnist_network *net)
{
    char scale[MNIST_FLOAT_TEXT];
    const mnist_tensor *tensor;
    mnist_buffer_text(page, "{\"network\": ");
    add_text(page, mnist_network_line(net));
    mnist_buffer_format(page,
                        ",\n \"rows\": %zu, \"cols\": %zu, \"scale\": %s,\n",
                        mnist_network_rows(net), mnist_network_cols(net),
                        mnist_float_text(scale, mnist_network_scale(net)));
    mnist_buffer_format(page, " \"classes\": %zu, \"parameters\": %zu,\n",
                        mnist_network_classes(net),
                        mnist_network_parameters(net));
    mnist_buffer_text(page, " \"tensors\": [\n");
    for (size_t i = 0; (tensor = mnist_network_tensor(net, i)); i++) {
        mnist_buffer_text(page, i ? ",\n" : "");
        add_tensor(page, tensor);
    }
    mnist_buffer_text(page, "]}");
}

/* ---- The page ---- */

static void add_style(mnist_buffer *page, const mnist_network *net)
{
    (void)net;
    mnist_buffer_piece(page, &mnist_page_draw_css);
}

static void add_script(mnist_buffer *page, const mnist_network *net)
{
    (void)net;
    mnist_buffer_piece(page, &mnist_page_draw_network_js);
    mnist_buffer_piece(page, &mnist_page_draw_picture_js);
    mnist_buffer_piece(page, &mnist_page_draw_ink_js);
    mnist_buffer_piece(page, &mnist_page_draw_js);
}

static void add_version(mnist_buffer *page, const mnist_network *net)
{
    (void)net;
    mnist_buffer_text(page, mnist_version());
}

static const struct slot {
    const char *name;
    void (*fill)(mnist_buffer *page, const mnist_network *net);
} slots[] = {
    {"{version}", add_version},
    {"{style}", add_style},
    {"{network}", add_network},
    {"{script}", add_script},
};

enum { SLOTS = sizeof slots / sizeof slots[0] };

static const struct slot *slot_at(const char *text, size_t length)
{
    for (size_t i = 0; i < SLOTS; i++) {
        size_t name = strlen(slots[i].name);
        if (name <= length && memcmp(text, slots[i].name, name) == 0)
            return &slots[i];
    }
    return NULL;
}

mnist_status mnist_export_html(const mnist_network *net, const char *path,
                               mnist_error *err)
{
    mnist_buffer page = {0};
    const char *at = mnist_page_draw_html.bytes;
    const char *end = at + mnist_page_draw_html.length;
    while (at < end) {
        const struct slot *slot = slot_at(at, (size_t)(end - at));
        if (slot)
            slot->fill(&page, net);
        else
            mnist_buffer_byte(&page, (uint8_t)*at);
        at += slot ? strlen(slot->name) : 1;
    }
    mnist_status status = mnist_buffer_save(&page, path, err);
    mnist_buffer_free(&page);
    return status;
}
