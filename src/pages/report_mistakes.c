/* The mistakes that the network was surest of, with what it thought. */
#include "pages/report_parts.h"
#include "pages/tile.h"

#include <mnist/loss.h>

enum { GUESSES = 3 };

/* The classes of the largest probabilities, falling, the last in favour of the
   label if that is not among them; returns how many. */
static size_t find_guesses(const float *p, size_t classes, size_t label,
                           size_t out[GUESSES])
{
    size_t count = 0;
    bool has_label = false;
    for (; count < GUESSES && count < classes; count++) {
        size_t best = classes;
        for (size_t k = 0; k < classes; k++) {
            bool taken = false;
            for (size_t i = 0; i < count; i++)
                taken |= out[i] == k;
            if (!taken && (best == classes || p[k] > p[best]))
                best = k;
        }
        out[count] = best;
        has_label |= best == label;
    }
    if (!has_label)
        out[count - 1] = label;
    return count;
}

static void write_guess(mnist_html *html, size_t k, float probability,
                        bool right)
{
    mnist_html_format(html, "<li%s><b>%zu</b><span class=\"bar\" style=\"--v:",
                      right ? " class=\"right\"" : "", k);
    mnist_html_plain(html, (double)probability, 3);
    mnist_html_raw(html, "\"></span><span class=\"share\">");
    if (probability < 0.0005F)
        mnist_html_raw(html, "&lt;\u00a00.1\u00a0%");
    else
        mnist_html_percent(html, (double)probability, 1);
    mnist_html_raw(html, "</span></li>\n");
}

static void write_mistake(mnist_html *html, const mnist_report *report,
                          const mnist_report_mistake *mistake)
{
    const mnist_dataset *data = report->data;
    size_t classes = mnist_network_classes(report->net);
    size_t guesses[GUESSES];
    unsigned label = data->labels[mistake->index];
    size_t count =
        find_guesses(mistake->probabilities, classes, label, guesses);
    mnist_html_format(html,
                      "<li><figure>\n<img class=\"ink\" alt=\"Image %zu, "
                      "labelled %u\"",
                      mistake->index, label);
    mnist_tile_image(html,
                     data->pixels + mistake->index * data->rows * data->cols,
                     data->rows, data->cols);
    mnist_html_format(html,
                      "/>\n<figcaption><b>%u</b> taken for <b>%zu</b> "
                      "<small>image %zu</small>\n<ul class=\"guesses\">\n",
                      label, guesses[0], mistake->index);
    for (size_t i = 0; i < count; i++)
        write_guess(html, guesses[i], mistake->probabilities[guesses[i]],
                    guesses[i] == label);
    mnist_html_raw(html, "</ul></figcaption>\n</figure></li>\n");
}

void mnist_report_mistakes(mnist_html *html, const mnist_report *report)
{
    const mnist_evaluation *e = &report->figures;
    if (!report->data)
        return;
    mnist_report_section(html, "mistakes", "Its worst mistakes");
    if (report->mistake_count == 0) {
        mnist_html_raw(html, "<p>There is none to show.</p>\n</section>\n");
        return;
    }
    mnist_html_raw(html, "<p>Of ");
    mnist_report_plural(html, e->count - e->correct, "mistake");
    mnist_html_format(html, ", the %zu that it was surest of",
                      report->mistake_count);
    mnist_html_raw(html, ", with the classes that it held most likely; the "
                         "true one in blue. Look whether you would have known: "
                         "some are hard for people too, and of some the label "
                         "is wrong. Images are numbered from 0.</p>\n"
                         "<ul class=\"mistakes\">\n");
    for (size_t i = 0; i < report->mistake_count; i++)
        write_mistake(html, report, &report->mistakes[i]);
    mnist_html_raw(html, "</ul>\n</section>\n");
}
