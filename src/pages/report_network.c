/* The two tables that say what was trained and how. */
#include "pages/report_parts.h"

static void write_shape(mnist_html *html, const mnist_shape *shape)
{
    if (!shape->flat) {
        mnist_html_count(html, shape->h);
        mnist_html_raw(html, "\u00a0\u00d7\u00a0");
        mnist_html_count(html, shape->w);
        mnist_html_raw(html, "\u00a0\u00d7\u00a0");
    }
    mnist_html_count(html, shape->c);
}

static void write_layer(mnist_html *html, const mnist_layer_info *layer,
                        size_t parameters)
{
    mnist_html_raw(html, "<tr><th scope=\"row\">");
    mnist_html_text(html, layer->name);
    mnist_html_raw(html, "</th><td>");
    mnist_html_text(html, layer->kind);
    mnist_html_raw(html, "</td><td>");
    write_shape(html, &layer->out);
    mnist_html_raw(html, "</td>");
    mnist_report_bar(html, layer->parameters,
                     (double)layer->parameters / (double)parameters);
    mnist_html_raw(html, "</tr>\n");
}

/* It may be broken behind each layer. */
static void write_line(mnist_html *html, const char *line)
{
    for (; *line; line++) {
        const char character[] = {*line, '\0'};
        mnist_html_text(html, character);
        mnist_html_raw(html, *line == ',' ? "<wbr/>" : "");
    }
}

void mnist_report_layers(mnist_html *html, const mnist_report *report)
{
    const mnist_network *net = report->net;
    size_t parameters = mnist_network_parameters(net);
    mnist_layer_info layer;
    mnist_report_section(html, "layers", "The network");
    mnist_html_format(html, "<p>Images of %zu by %zu pixels, each divided by ",
                      mnist_network_rows(net), mnist_network_cols(net));
    mnist_html_number(html, (double)mnist_network_scale(net),
                      mnist_network_scale(net) < 1 ? 6 : 0);
    mnist_html_format(html,
                      ", go through the layers from the top down and "
                      "come out as %zu probabilities. ",
                      mnist_network_classes(net));
    mnist_html_raw(html, "Look which layer has the most parameters: it is not "
                         "always the one that does the most.</p>\n"
                         "<p><code>");
    write_line(html, mnist_network_line(net));
    mnist_html_raw(html,
                   "</code></p>\n<div class=\"scroll\" tabindex=\"0\" "
                   "role=\"group\" aria-label=\"Layers\">\n"
                   "<table class=\"layers\">\n<thead><tr><th scope=\"col\">"
                   "Layer</th><th scope=\"col\">Kind</th><th scope=\"col\">"
                   "Output</th><th scope=\"col\" "
                   "class=\"bar\">Parameters</th></tr></thead>\n"
                   "<tbody>\n");
    for (size_t i = 0; mnist_network_layer(net, i, &layer); i++)
        write_layer(html, &layer, parameters);
    mnist_html_raw(html, "</tbody>\n<tfoot><tr><th scope=\"row\" "
                         "colspan=\"3\">All</th>");
    mnist_report_bar(html, parameters, 0);
    mnist_html_raw(html, "</tr></tfoot>\n</table>\n</div>\n</section>\n");
}

void mnist_report_facts(mnist_html *html, const mnist_report *report)
{
    mnist_report_section(html, "settings", "How it was trained");
    if (report->fact_count == 0) {
        mnist_html_raw(html, "<p class=\"missing\">These weights came without "
                             "a record of it.</p>\n</section>\n");
        return;
    }
    mnist_html_raw(html,
                   "<p>The same settings and data give the same network, to "
                   "the last bit.</p>\n<div class=\"scroll\" tabindex=\"0\" "
                   "role=\"group\" aria-label=\"Settings\">\n"
                   "<table class=\"settings\">\n<thead><tr><th scope=\"col\">"
                   "Setting</th><th scope=\"col\">Value</th>"
                   "<th scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < report->fact_count; i++) {
        const mnist_report_fact *fact = &report->facts[i];
        mnist_html_raw(html, "<tr><th scope=\"row\">");
        mnist_html_text(html, fact->name);
        mnist_html_raw(html, "</th><td>");
        mnist_html_text(html, fact->value);
        mnist_html_raw(html, "</td><td>");
        mnist_html_text(html, fact->meaning ? fact->meaning : "");
        mnist_html_raw(html, "</td></tr>\n");
    }
    mnist_html_raw(html, "</tbody>\n</table>\n</div>\n</section>\n");
}
