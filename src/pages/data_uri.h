/* Pictures that lie in the page itself. */
#ifndef PAGES_DATA_URI_H
#define PAGES_DATA_URI_H

#include "data/png_write.h"
#include "pages/html.h"

/* Adds it as the value of an attribute: data:image/png;base64,... */
void mnist_html_data_uri(mnist_html *html, const mnist_bitmap *bitmap);

#endif
