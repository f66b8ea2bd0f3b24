#include "pages/data_uri.h"

#include "base/base64.h"

void mnist_html_data_uri(mnist_html *html, const mnist_bitmap *bitmap)
{
    size_t characters;
    mnist_buffer file = {0};
    mnist_png_write(&file, bitmap);
    mnist_html_raw(html, "data:image/png;base64,");
    if (file.failed || !mnist_base64_length(&characters, file.length)) {
        html->failed = true;
    } else {
        uint8_t *to = mnist_buffer_grow(html, characters);
        if (to)
            mnist_base64_encode((char *)to, file.bytes, file.length);
    }
    mnist_buffer_free(&file);
}
